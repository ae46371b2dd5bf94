"""Errors that a client is meant to read: RFC 9457 problem details.

A room raises a subclass of :class:`Problem`; its door turns it into ``application/problem+json``.
Anything else that escapes is a bug and becomes a 500 that carries only the correlation ID.
"""

from typing import Any, ClassVar

TYPE_ROOT = "urn:autograph:problem:"
"""A problem's ``type`` is this plus its slug; docs/reference/problems.md lists every slug."""

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 - the standard's own word
    """Base of every error with a published meaning.

    Subclasses set ``status`` (HTTP), ``slug`` (stable, kebab-case) and ``title`` (one sentence, the
    same for every occurrence). Keyword arguments become RFC 9457 extension members.
    """

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong on our side."

    def __init__(self, detail: str = "", *, headers: dict[str, str] | None = None, **extensions: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.headers = headers or {}
        self.extensions = extensions

    def as_dict(self, instance: str, correlation_id: str | None = None) -> dict[str, Any]:
        """Return the problem document; `instance` is the path that was asked for."""
        document = {
            "type": TYPE_ROOT + self.slug,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            **self.extensions,
        }
        if correlation_id:
            document["correlation_id"] = correlation_id
        return document


class Internal(Problem):
    """A bug: the client learns its correlation ID and nothing else."""


class Invalid(Problem):
    """The request was understood and cannot be done as it stands."""

    status, slug, title = 422, "invalid", "Something in the request is not valid."


class Malformed(Problem):
    """The request could not be read at all."""

    status, slug, title = 400, "malformed", "The request could not be read."


class Unauthenticated(Problem):
    """Nobody proved who they are."""

    status, slug, title = 401, "unauthenticated", "Sign in first."


class Forbidden(Problem):
    """Known, and not allowed."""

    status, slug, title = 403, "forbidden", "You may not do this."


class NotFound(Problem):
    """Nothing there, or nothing that this caller may know of."""

    status, slug, title = 404, "not-found", "There is nothing at this address."


class MethodNotAllowed(Problem):
    """The address exists, the method does not."""

    status, slug, title = 405, "method-not-allowed", "This address does not answer that method."


class Conflict(Problem):
    """Somebody else came first."""

    status, slug, title = 409, "conflict", "Someone changed this before you did."


class TooLarge(Problem):
    """More bytes than this address takes."""

    status, slug, title = 413, "too-large", "The request is larger than allowed."


class StorageFull(Problem):
    """The disk or the database has no room left; what is kept stays, and can be read."""

    status, slug, title = 507, "storage-full", "There is no room left to keep this."


class Unavailable(Problem):
    """A part of the house does not answer just now; trying again later is right."""

    status, slug, title = 503, "unavailable", "A part of AutoGraph does not answer just now."
