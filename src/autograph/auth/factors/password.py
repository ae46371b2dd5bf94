"""The password factor: argon2id, in threads of its own so that the event loop never waits for a hash."""

import asyncio
import os
import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from autograph.auth.factors.part import Factor
from autograph.auth.rules import normal_password
from autograph.auth.settings import AuthSettings
from autograph.auth.strength import check_password
from autograph.core.problem import Unavailable

FACTOR = Factor("password", opens=True)

P = ParamSpec("P")
R = TypeVar("R")


class PasswordFactor:
    """Hashes and verifies passwords, a few at a time; the rest wait in a queue of limited length.

    An account that does not exist is verified against a hash of nobody's password, with the same
    parameters: the answer takes as long as for a wrong password.
    """

    def __init__(self, settings: AuthSettings) -> None:
        threads = settings.password_threads or max(1, (os.cpu_count() or 2) - 1)
        self._hashes = PasswordHash(
            [
                Argon2Hasher(
                    time_cost=settings.argon2_passes, memory_cost=settings.argon2_memory_kib, parallelism=1
                )
            ]
        )
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="password")
        self._words = settings.password_words
        self._room = threads + settings.password_queue
        self._busy = 0
        self._nobody: Future[str] = self._threads.submit(self._hashes.hash, secrets.token_urlsafe())

    async def check(self, password: str, *, email: str, name: str) -> None:
        """Refuse a password that a guesser would find.

        Raises:
            Invalid: It says why.
            Unavailable: Too many passwords are waiting already.
        """
        await self._run(check_password, normal_password(password), email=email, name=name, words=self._words)

    async def hash(self, password: str) -> str:
        """Return the argon2id hash of `password` in PHC form, with fresh salt.

        Raises:
            Unavailable: Too many passwords are waiting already.
        """
        return await self._run(self._hashes.hash, normal_password(password))

    async def verify(self, password: str, known_hash: str | None) -> tuple[bool, str | None]:
        """Compare `password` with `known_hash` (None or empty: no account, or one without a password).

        Returns:
            Whether it is right, and a new hash to keep when it is right and the parameters have risen since.

        Raises:
            Unavailable: Too many passwords are waiting already.
        """
        against = known_hash or await self._nobody_hash()
        right, renewed = await self._run(self._verify_and_update, normal_password(password), against)
        return (right, renewed) if known_hash else (False, None)

    async def _nobody_hash(self) -> str:
        return await asyncio.wrap_future(self._nobody)

    def close(self) -> None:
        """Let the threads go; hashes under way are finished first."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _verify_and_update(self, password: str, known_hash: str) -> tuple[bool, str | None]:
        try:
            return self._hashes.verify_and_update(password, known_hash)
        except UnknownHashError:
            return False, None

    async def _run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        if self._busy >= self._room:
            raise Unavailable("too many people are signing in just now", headers={"Retry-After": "2"})
        self._busy += 1
        try:
            return await asyncio.wrap_future(self._threads.submit(partial(work, *args, **kwargs)))
        finally:
            self._busy -= 1
