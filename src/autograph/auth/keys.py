"""The keys that sign tokens: Ed25519, made on the first run, kept in one file that only we can read.

The file is a private JWK set, the newest key first. Two members of ours say when a key is used: `signs_from` and
`believed_until`, in Unix seconds. A new key is published before it signs, so that whoever verifies knows it by then;
an old one is believed until the last token that it may have signed has ended. So nobody is signed out.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from autograph.auth import files
from autograph.core.clock import Clock, SystemClock

FILE_NAME = "signing-keys.json"

CHECK_SECONDS = 2.0
"""How often we look whether the file has changed."""

SIGNS_AFTER_SECONDS = 10
"""How long a new key is known before it signs: time for every process to look."""

LONGEST_TOKEN_SECONDS = 24 * 3600
"""No token is good for longer, whatever is set."""

_SIGNS_FROM, _BELIEVED_UNTIL = "signs_from", "believed_until"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A key with its id, its public half, and when it is used."""

    private: OKPKey
    kid: str
    public: OKPKey
    signs_from: float = 0
    believed_until: float = float("inf")


class SigningKeys:
    """One key that signs, and the keys whose signatures are believed (the signing one among them).

    Args:
        keys: Private Ed25519 keys, the newest first; it signs. Older ones stay until their tokens ended.
        clock: Time.
    """

    def __init__(self, keys: Sequence[OKPKey], *, clock: Clock | None = None) -> None:
        if not keys:
            raise ValueError("at least one signing key is needed")
        self._kept = [_kept(key, {}) for key in keys]
        self._clock = clock or SystemClock()
        self._path: Path | None = None
        self._seen: tuple[int, ...] = ()

    @classmethod
    def generate(cls) -> "SigningKeys":
        """Return one fresh key that is kept nowhere."""
        return cls([_fresh()])

    @classmethod
    def load(cls, path: Path, *, clock: Clock | None = None) -> "SigningKeys":
        """Read the keys of `path`, a private JWK set; make it, mode 0600, when it is not there.

        Two processes that start at once end up with the same keys.

        Raises:
            ValueError: The file is readable by others, or is not a private JWK set. The message is one
                line that says what to do.
        """
        if not path.exists():
            files.create(path, json.dumps({"keys": [_fresh().as_dict(private=True)]}))
        seen = _stamp(path)
        kept = [_kept(key, member) for key, member in _read(path)]
        made = cls([kept[0].private], clock=clock)
        made._kept, made._path, made._seen = kept, path, seen
        return made

    @property
    def signing(self) -> OKPKey:
        """The newest key whose time has come."""
        now = self._clock.now().timestamp()
        return next((key.private for key in self._kept if key.signs_from <= now), self._kept[0].private)

    @property
    def public(self) -> dict[str, OKPKey]:
        """The public keys by which tokens are verified, by their thumbprint, the newest first."""
        now = self._clock.now().timestamp()
        return {key.kid: key.public for key in self._kept if now < key.believed_until}

    def jwks(self) -> dict[str, Any]:
        """Return the public half as a JWK set (RFC 7517); a key is in it some seconds before it signs."""
        return {
            "keys": [
                {**key.as_dict(private=False), "kid": kid, "alg": "Ed25519", "use": "sig"}
                for kid, key in self.public.items()
            ]
        }

    def reload(self) -> None:
        """Use what is in the file now; a file that cannot be used leaves the keys as they are."""
        assert self._path is not None
        try:
            self._kept = [_kept(key, member) for key, member in _read(self._path)]
        except (OSError, ValueError) as reason:
            _log.error("keys.not_reloaded", reason=str(reason))
        else:
            _log.info("keys.reloaded", newest=self._kept[0].kid, keys=len(self._kept))

    async def watch(self, *, check_seconds: float = CHECK_SECONDS) -> None:
        """Reload whenever the file has changed; runs until cancelled."""
        assert self._path is not None
        while True:
            await asyncio.sleep(check_seconds)
            seen = await asyncio.to_thread(_stamp, self._path)
            if seen != self._seen:
                self._seen = seen
                await asyncio.to_thread(self.reload)


def rotate(path: Path, *, now: datetime, at_once: bool = False) -> tuple[str, datetime]:
    """Put a new key in front of those of a file; running processes find it there.

    Args:
        path: The file, which must be there.
        now: When it is.
        at_once: Whether the new key signs now and the old ones are believed no more, as when one was stolen. Whoever
            holds an access token must refresh it; cookies and refresh tokens are as good as before.

    Returns:
        The new key's id, and from when on it signs.

    Raises:
        OSError: The file cannot be read or replaced.
        ValueError: It does not hold signing keys.
    """
    moment = int(now.timestamp())
    signs_from = moment if at_once else moment + SIGNS_AFTER_SECONDS
    fresh = _fresh()
    members = [{**fresh.as_dict(private=True), _SIGNS_FROM: signs_from}]
    for _, member in () if at_once else _read(path):
        ends = member.get(_BELIEVED_UNTIL, signs_from + LONGEST_TOKEN_SECONDS)
        if moment < ends:
            members.append({**member, _BELIEVED_UNTIL: ends})
    files.replace(path, json.dumps({"keys": members}))
    return fresh.thumbprint(), datetime.fromtimestamp(signs_from, tz=now.tzinfo)


def _read(path: Path) -> list[tuple[OKPKey, dict[str, Any]]]:
    """The keys of a file, each with its member of the JWK set."""
    text = files.read(path)
    try:
        members = json.loads(text)["keys"]
        keys = [(OKPKey.import_key(member), member) for member in members]
        moments = [member.get(name, 0) for member in members for name in (_SIGNS_FROM, _BELIEVED_UNTIL)]
    except (AttributeError, JoseError, KeyError, TypeError, ValueError) as reason:
        raise ValueError(f"{path} does not hold signing keys: restore it, or move it away") from reason
    if not keys or not all(key.is_private and key.curve_name == "Ed25519" for key, _ in keys):
        raise ValueError(f"{path} must hold private Ed25519 keys only")
    if not all(isinstance(moment, int) for moment in moments):
        raise ValueError(f"{path} says in another way than seconds when its keys are used: restore it")
    return keys


def _kept(key: OKPKey, member: dict[str, Any]) -> _Kept:
    plain = OKPKey.import_key({name: key.as_dict(private=True)[name] for name in ("kty", "crv", "x", "d")})
    return _Kept(
        plain,
        plain.thumbprint(),
        OKPKey.import_key(plain.as_dict(private=False)),
        member.get(_SIGNS_FROM, 0),
        member.get(_BELIEVED_UNTIL, float("inf")),
    )


def _fresh() -> OKPKey:
    return OKPKey.generate_key("Ed25519", private=True)


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes when the file does; zeros while it is away, as when it is being replaced."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_ino)
