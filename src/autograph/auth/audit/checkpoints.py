"""Signed checkpoints: how far the log reached at some moment, kept in a file outside of the database.

Whoever can write to the database can cut off the newest records and set the head back; a checkpoint that was
written before says that they were there. Each is one line of JSON with an Ed25519 signature (RFC 8032) by a key that
is derived from the vault's oldest one, so that it does not change when signing keys are rotated.
"""

import base64
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from autograph.auth.audit.chain import START
from autograph.auth.vault import Vault
from autograph.storage.disk import told_when_full

FILE_NAME = "audit-checkpoints.jsonl"
PURPOSE = "audit checkpoints"
LONGEST_LINE = 2_000
_TAIL_BYTES = 4 * LONGEST_LINE


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far the log reached.

    Attributes:
        number: Of the newest record; 0 when there was none.
        mac: That record's.
        base: Number of the newest record that was removed because of its age; 0 when none was.
        base_mac: That record's: the chain goes on from it.
    """

    at: datetime
    number: int
    mac: bytes
    base: int = 0
    base_mac: bytes = START


class Forged(Exception):  # noqa: N818 - what the line is
    """A checkpoint that was not signed here, or was changed."""


class Unreadable(Exception):  # noqa: N818 - what the line is
    """A line that is no checkpoint, such as one whose writing was cut off."""


class Checkpoints:
    """The file of checkpoints.

    Args:
        path: Made, mode 0600, when it is not there.
        vault: Whose key signs.
    """

    def __init__(self, path: Path, vault: Vault) -> None:
        self.path = path
        self._key = vault.signer(PURPOSE)
        self._public = self._key.public_key()

    @property
    def public_key(self) -> str:
        """The key with which anybody can check a signature: 32 bytes in base64."""
        return base64.b64encode(self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the file for writing; yields False when another process does.

        Raises:
            OSError: It cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
        finally:
            os.close(descriptor)

    def append(self, checkpoint: Checkpoint) -> str:
        """Add a checkpoint, on disk before this returns; return its line. The file must be held.

        Raises:
            StorageFull: There is no room for it.
            OSError: It cannot be written.
        """
        line = self._written(checkpoint)
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        try:
            size = os.fstat(descriptor).st_size
            is_cut_off = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            with told_when_full():
                _write_all(descriptor, f"\n{line}\n".encode() if is_cut_off else f"{line}\n".encode())
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return line

    def last(self) -> Checkpoint | None:
        """Return the newest checkpoint that is one of ours; lines that are not are passed over."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
                lines = file.read().splitlines()
        except FileNotFoundError:
            return None
        for line in reversed(lines):
            try:
                return self.read_line(line)
            except (Forged, Unreadable):
                continue
        return None

    def __iter__(self) -> Iterator[Checkpoint | Forged | Unreadable]:
        """Yield every line as what it is, the oldest first; nothing when there is no file."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        with file:
            while line := file.readline(LONGEST_LINE):
                try:
                    yield self.read_line(line)
                except (Forged, Unreadable) as reason:
                    yield reason

    def read_line(self, line: bytes) -> Checkpoint:
        """Return what a line says.

        Raises:
            Forged: Its signature is not right.
            Unreadable: It is no checkpoint at all.
        """
        try:
            said = json.loads(line)
            signature = base64.b64decode(said.pop("signature"), validate=True)
            found = Checkpoint(
                at=datetime.fromisoformat(said["at"]).astimezone(UTC),
                number=int(said["number"]),
                mac=bytes.fromhex(said["mac"]),
                base=int(said["base"]),
                base_mac=bytes.fromhex(said["base_mac"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as reason:
            raise Unreadable from reason
        _check(self._public, signature, said)
        return found

    def _written(self, checkpoint: Checkpoint) -> str:
        said = {
            "at": checkpoint.at.astimezone(UTC).isoformat(timespec="seconds"),
            "number": checkpoint.number,
            "mac": checkpoint.mac.hex(),
            "base": checkpoint.base,
            "base_mac": checkpoint.base_mac.hex(),
        }
        signature = base64.b64encode(self._key.sign(_covered(said))).decode()
        return json.dumps({**said, "signature": signature})


def _check(key: Ed25519PublicKey, signature: bytes, said: object) -> None:
    try:
        key.verify(signature, _covered(said))
    except InvalidSignature as reason:
        raise Forged from reason


def _covered(said: object) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
