"""The path table: which service answers which path, and which few calls need no identity."""

from dataclasses import dataclass
from typing import Literal

from autograph.core.asgi import Scope
from autograph.core.problem import Malformed

MIB = 1024 * 1024
SMALL_BODY_BYTES = 1 * MIB
UPLOAD_SECONDS = 600.0

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Every method that some address answers."""

PUBLIC = frozenset(
    {
        ("GET", "/api/auth/first-run"),
        ("POST", "/api/auth/first-run"),
        ("POST", "/api/auth/first-run/check"),
        ("POST", "/api/auth/register"),
        ("POST", "/api/auth/login"),
        ("POST", "/api/auth/refresh"),
        ("POST", "/api/auth/password-reset/request"),
        ("POST", "/api/auth/password-reset/confirm"),
        ("POST", "/api/auth/email/verify"),
        ("POST", "/api/auth/email/resend-verification"),
        ("POST", "/api/auth/email/confirm-change"),
        ("POST", "/api/auth/unlock"),
        ("POST", "/api/auth/mfa/verify"),
        ("POST", "/api/auth/mfa/enrol/setup"),
        ("POST", "/api/auth/passkeys/enrol/options"),
        ("POST", "/api/auth/passkeys/enrol"),
        ("POST", "/api/auth/mfa/enrol/enable"),
        ("POST", "/api/auth/passkeys/login/options"),
        ("POST", "/api/auth/passkeys/login"),
        ("POST", "/api/auth/invitations/look"),
        ("GET", "/api/auth/.well-known/jwks.json"),
        ("GET", "/api/auth/providers"),
        ("GET", "/api/auth/oidc/start"),
        ("GET", "/api/auth/oidc/callback"),
        ("POST", "/api/auth/oidc/second"),
    }
)
"""Method and exact path of every call that anybody may make. Everything else needs proof of identity."""


RateClass = Literal["user", "picture", "drawing"]
"""What a call counts as against its caller's quotas."""

_PICTURES = ("/thumbnail", "/picture", "/render")


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table.

    Attributes:
        prefix: Matches this path and everything below it.
        service: Name of the upstream that answers.
        largest_body_bytes: Bodies beyond this are refused at the door; the service may be stricter.
        timeout_seconds: Total time of a call here; None for the time that the operator has set for all.
        is_diagnostic: Whether this machine itself may ask without proof of identity, where that is allowed.
        is_batch: Whether this is work that waits while people do (drawing, reading archives): it yields first.
    """

    prefix: str
    service: str
    largest_body_bytes: int = SMALL_BODY_BYTES
    timeout_seconds: float | None = None
    is_batch: bool = False
    is_diagnostic: bool = False

    def owns(self, path: str) -> bool:
        """Whether `path` is this prefix or below it."""
        return path == self.prefix or path.startswith(self.prefix + "/")

    def rate_class(self, method: str, path: str) -> RateClass:
        """Whether a call is an ordinary one, one of the many pictures of a page, or the drawing of a repository."""
        if path.endswith(_PICTURES):
            return "picture"
        if self.service == "analysis" and method == "POST" and not path.endswith("/document"):
            return "drawing"
        return "user"


ROUTES = (
    Route("/api/auth/gdpr/export", "auth", is_batch=True),
    Route("/api/auth", "auth"),
    Route("/api/diagrams", "diagrams", largest_body_bytes=32 * MIB),
    Route(
        "/api/analysis/jobs/upload",
        "analysis",
        largest_body_bytes=256 * MIB,
        timeout_seconds=UPLOAD_SECONDS,
        is_batch=True,
    ),
    Route("/api/analysis", "analysis"),
    Route("/api/export", "export", largest_body_bytes=32 * MIB, is_batch=True),
    Route("/api/flags", "flags"),
    Route("/api/admin/feature-flags", "flags"),
    Route("/api/ops", "watch"),
    Route("/dependencies", "watch"),
    Route("/alerts", "watch"),
    Route("/test", "watch", largest_body_bytes=16 * MIB, timeout_seconds=60.0, is_diagnostic=True),
    Route("/api/admin/log-levels", "watch"),
)
"""Read from the top; the first row that owns a path wins."""


def route_of(path: str) -> Route | None:
    """Return the row for a checked path, or None when no service owns it."""
    return next((route for route in ROUTES if route.owns(path)), None)


def row_of(scope: Scope) -> str:
    """Name the row that answered a request, for counts: few names, however many paths are tried."""
    route = route_of(scope["path"])
    return route.prefix if route else "/api" if scope["path"].startswith("/api/") else "/"


def is_public(method: str, path: str) -> bool:
    """Whether anybody may make this call. HEAD counts as GET."""
    return ("GET" if method == "HEAD" else method, path) in PUBLIC


def checked_path(path: str, raw_path: bytes) -> str:
    """Return `path` if there is only one way to read it.

    A path with dot segments, empty segments, backslashes, control characters or encoded separators means
    different things to different readers; such a path is refused instead of repaired, so that the table,
    the public list and the service behind always look at the same one.

    Args:
        path: Decoded once, as ASGI gives it.
        raw_path: As it came over the wire, without the query.

    Raises:
        Malformed: The path is ambiguous.
    """
    raw = raw_path.lower()
    if any(found in raw for found in (b"%2f", b"%5c", b"%00", b"%2e", b"\\")):
        raise Malformed("The path has an encoded separator or dot.")
    if any(ord(character) < 0x20 or character in "\x7f\\" for character in path):
        raise Malformed("The path has a control character or a backslash.")
    segments = path.removesuffix("/").split("/")
    if segments[0] != "" or any(part in {"", ".", ".."} for part in segments[1:]):
        raise Malformed("The path has an empty or dotted segment.")
    return path
