"""Feature flags as services ask for them: by name, with a default, from a copy that is a few seconds old at most."""

import asyncio

import structlog
from pydantic import BaseModel, ConfigDict

from autograph.clients.identity import IDENTITY_HEADER
from autograph.clients.transport import Transport
from autograph.core.clock import Clock
from autograph.core.problem import Forbidden, Problem
from autograph.model.flags import Context, Flag, Reason, Resolution, Value, resolve
from autograph.model.principal import Principal

RULES_PATH = "/internal/flags"
NAMING_PATH = "/internal/flags/naming-me"
FORGET_PATH = "/internal/flags/forget-me"
FRESH_SECONDS = 5.0

IMPORT_FROM_GIT = Flag(
    key="import-from-git",
    description="Draw a repository from a git address: the server itself fetches it.",
)
DECLARED: dict[str, Flag] = {flag.key: flag for flag in (IMPORT_FROM_GIT,)}
"""Every flag that the program asks for, with what it says as long as no administrator has said otherwise."""

_log = structlog.get_logger(__name__)


class FeatureOff(Forbidden):
    """A feature that administrators have switched off for whoever asks."""

    slug, title = "feature-off", "This feature is switched off."


class FlagRules(BaseModel):
    """Every flag with its rules."""

    model_config = ConfigDict(frozen=True)

    flags: list[Flag]


class Naming(BaseModel):
    """Keys of the flags whose lists name somebody."""

    model_config = ConfigDict(frozen=True)

    flags: list[str]


class FlagsNaming:
    """Typed questions about the lists that name the person whose identity assertion is given."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def me(self, *, identity: str) -> list[str]:
        """Return the keys of the flags that name the caller, by id or address."""
        return await self._ask("GET", NAMING_PATH, identity)

    async def forget_me(self, *, identity: str) -> list[str]:
        """Take the caller out of all lists, and return the keys of the flags that named them."""
        return await self._ask("POST", FORGET_PATH, identity)

    async def _ask(self, method: str, path: str, identity: str) -> list[str]:
        reply = await self._transport.request(method, path, headers={IDENTITY_HEADER: identity})
        return Naming.model_validate_json(reply.body).flags


class Flags:
    """Answers what a flag says for somebody.

    Args:
        transport: How the flags service is reached.
        environment: Where we are: ``production`` or ``development``.
        clock: Time.
    """

    def __init__(self, transport: Transport, *, environment: str, clock: Clock) -> None:
        self._transport = transport
        self._environment = environment
        self._clock = clock
        self._known: dict[str, Flag] = dict(DECLARED)
        self._fresh_until = float("-inf")
        self._fetching = asyncio.Lock()

    async def is_on(self, key: str, default: bool, person: Principal | None = None) -> bool:
        """Return what a boolean flag says; `default` when there is no such flag or it is no boolean."""
        value = (await self.details(key, default, person)).value
        return value if isinstance(value, bool) else default

    async def details(self, key: str, default: Value, person: Principal | None = None) -> Resolution:
        """Return what a flag says and why: `default` with ERROR when it is unknown or of another type."""
        await self._refresh()
        flag = self._known.get(key)
        if flag is None:
            return Resolution(key=key, value=default, variant="", reason=Reason.ERROR)
        found = resolve(flag, self._context(person))
        if isinstance(found.value, bool) is not isinstance(default, bool):
            return Resolution(key=key, value=default, variant="", reason=Reason.ERROR)
        return found

    def _context(self, person: Principal | None) -> Context:
        if person is None:
            return Context(environment=self._environment)
        return Context(user_id=person.user_id, email=person.email, environment=self._environment)

    async def _refresh(self) -> None:
        """Fetch the rules when the copy is old; what was known stays while nobody answers."""
        if self._clock.monotonic() < self._fresh_until:
            return
        async with self._fetching:
            if self._clock.monotonic() < self._fresh_until:
                return
            self._fresh_until = self._clock.monotonic() + FRESH_SECONDS
            try:
                reply = await self._transport.request("GET", RULES_PATH, headers={})
            except Problem as reason:
                _log.warning("flags.away", reason=str(reason))
                return
            rules = FlagRules.model_validate_json(reply.body)
            self._known = {**DECLARED, **{flag.key: flag for flag in rules.flags}}
