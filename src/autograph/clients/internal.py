"""Calls to `/internal` between services apart: each is signed with a secret that only this installation has.

A signature is an HMAC-SHA256 (RFC 2104) over the service that is meant, method, path with query, SHA-256 of the
body, time and a random number. It stands in front of the body, so that a stranger's is never read.
"""

import hashlib
import hmac
import secrets as random
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from autograph.core.clock import Clock
from autograph.core.problem import Forbidden

SIGNATURE_HEADER = "x-autograph-signature"
"""Carries the signature between our own services; the gateway strips it from what comes in."""

INTERNAL = "/internal"
"""How the path of every call begins that only our own services make."""

SKEW_SECONDS = 60
"""So far apart may the clocks of two machines be, and so old may a call be when it arrives."""

REMEMBERED = 2**17
"""Calls that are remembered so that none is believed twice: all of 60 seconds, up to 2000 a second."""


class Stranger(Forbidden):
    """A call to an address that only AutoGraph's own services ask, from somebody who is none of them."""

    slug, title = "stranger", "Only AutoGraph's own services may ask this."


class Unbelieved(Exception):  # noqa: N818 - nobody outside hears it
    """A signature that is not believed; the message says why, for the log alone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a signature speaks of: for one service, a method and a path with its query as they go over the wire."""

    service: str
    method: str
    target: str


class Signatures:
    """Signs calls and believes signed ones. One for a whole process.

    Args:
        secrets: The first signs, all are believed; without any nobody is.
        clock: Time.
    """

    def __init__(self, secrets: Sequence[str], clock: Clock) -> None:
        self._keys = [secret.encode() for secret in secrets]
        self._clock = clock
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        self.refused = 0

    def sign(self, asked: Asked, body: bytes) -> str:
        """Return the signature of a call, for `SIGNATURE_HEADER`."""
        digest = hashlib.sha256(body).hexdigest()
        said = f"{self._now()}.{random.token_hex(8)}.{digest}"
        return f"{said}.{_mac(self._keys[0], asked, said)}"

    def check(self, signature: str, asked: Asked) -> str:
        """Return the SHA-256 that the body must have, in hexadecimal.

        Raises:
            Unbelieved: It is not one of ours, is for another call, too old or too new, or was used before.
        """
        said, _, mac = signature.rpartition(".")
        shown = mac.encode("latin-1")
        if not any(hmac.compare_digest(shown, _mac(key, asked, said).encode()) for key in self._keys):
            raise Unbelieved("it is not signed by this installation for this call")
        at, _, digest = said.split(".")
        if abs(self._now() - int(at)) > SKEW_SECONDS * 1000:
            raise Unbelieved("its time is not ours")
        if asked.method not in {"GET", "HEAD"} and not self._is_first(shown):
            raise Unbelieved("it was here before")
        return digest

    def counters(self) -> dict[str, float]:
        """How many calls were refused."""
        return {"internal_refused": float(self.refused)}

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def _is_first(self, mac: bytes) -> bool:
        """Whether this call was not seen before; from now on it was, for as long as its time could be believed."""
        if mac in self._seen:
            return False
        now = self._clock.monotonic()
        self._seen[mac] = now
        while len(self._seen) > REMEMBERED or now - next(iter(self._seen.values())) > 2 * SKEW_SECONDS:
            self._seen.popitem(last=False)
        return True


def _mac(key: bytes, asked: Asked, said: str) -> str:
    signed = "\n".join(("autograph-internal-1", asked.service, asked.method, asked.target, said))
    return hmac.digest(key, signed.encode("latin-1"), "sha256").hex()
