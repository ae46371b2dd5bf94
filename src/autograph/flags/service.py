"""Use cases of flags: list, change and forget them, and say what they are for somebody."""

import structlog

from autograph.clients.flags import DECLARED
from autograph.core.clock import Clock
from autograph.core.problem import Conflict, NotFound
from autograph.flags import store
from autograph.flags.shapes import FlagChanges
from autograph.model.flags import Context, Flag, Resolution, resolve
from autograph.model.principal import Principal
from autograph.storage.sql import Database

_log = structlog.get_logger(__name__)


class FlagConflict(Conflict):
    """Another administrator has changed the flag in between."""

    slug, title = "flag-conflict", "Someone changed this flag before you did."


class FlagBook:
    """What is known of every flag: declared by the program, changed by administrators.

    Args:
        database: Migrated already.
        clock: Time.
        environment: Where we are.
    """

    def __init__(self, *, database: Database, clock: Clock, environment: str) -> None:
        self._database = database
        self._clock = clock
        self._environment = environment

    async def all(self) -> list[Flag]:
        """Return every flag, declared or set, in order of name."""
        async with self._database.read() as connection:
            known = {**DECLARED, **{flag.key: flag for flag in await store.read_flags(connection)}}
        return [known[key] for key in sorted(known)]

    async def one(self, key: str) -> Flag:
        """Return a flag, or raise NotFound."""
        found = next((flag for flag in await self.all() if flag.key == key), None)
        if found is None:
            raise NotFound(f"There is no flag {key}.")
        return found

    async def change(self, key: str, changes: FlagChanges, by: Principal) -> Flag:
        """Set the rules of a flag; one that is not declared is made.

        Raises:
            FlagConflict: It is not the version that the change was made on.
            Invalid: The key is not a good name.
        """
        async with self._database.begin() as connection:
            before = await store.read_flag(connection, key) or DECLARED.get(key) or Flag(key=key)
            if before.version != changes.expected_version:
                raise FlagConflict(f"the newest version is {before.version}", current_version=before.version)
            rules = changes.model_dump(exclude={"expected_version"}, exclude_unset=True)
            flag = Flag.model_validate({**before.model_dump(), **rules, "version": before.version + 1})
            if not await store.keep_flag(connection, flag, by=by.user_id, at=self._clock.now()):
                raise FlagConflict("it was changed at the same moment")
        rules = flag.model_dump(exclude={"key", "description", "allow", "deny"})  # lists name people
        _log.warning("flag.changed", flag=key, by=by.user_id, rules=rules)
        return flag

    async def forget(self, key: str, by: Principal) -> None:
        """Take back what administrators have said of a flag, or raise NotFound."""
        async with self._database.begin() as connection:
            if not await store.forget_flag(connection, key):
                raise NotFound(f"Nobody has changed a flag {key}.")
        _log.warning("flag.forgotten", flag=key, by=by.user_id)

    async def naming(self, person: Principal) -> list[str]:
        """Return the keys of the flags whose lists name somebody."""
        async with self._database.read() as connection:
            return [flag.key for flag in await store.read_flags(connection) if flag != without(flag, person)]

    async def forget_person(self, person: Principal) -> list[str]:
        """Take somebody out of every list; return the keys of the flags that named them."""
        changed = []
        async with self._database.begin() as connection:
            for key in [flag.key for flag in await store.read_flags(connection)]:
                flag = await store.read_flag(connection, key)
                if flag is not None and (rest := without(flag, person)) != flag:
                    await store.replace_rules(
                        connection, rest.model_copy(update={"version": flag.version + 1})
                    )
                    changed.append(key)
        return changed

    async def resolved(self, person: Principal) -> list[Resolution]:
        """Return what every flag says for somebody."""
        context = Context(user_id=person.user_id, email=person.email, environment=self._environment)
        return [resolve(flag, context) for flag in await self.all()]


def without(flag: Flag, person: Principal) -> Flag:
    """Return a flag whose lists do not name somebody."""
    names = {person.user_id, person.email.lower()}

    def others(listed: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in listed if name not in names and name.lower() not in names)

    return flag.model_copy(update={"allow": others(flag.allow), "deny": others(flag.deny)})
