"""People with accounts and roles, each of them a caller of the auth service."""

import json

import pytest
from sqlalchemy import select
from tests import identity
from tests.caller import Caller

from autograph.auth.rules import Person
from autograph.auth.store import people, roles
from autograph.auth.tables import audit_records
from autograph.core.ids import new_id
from autograph.model.rights import Permission, Role, permissions_of

PASSWORD = "correct horse battery"


class Somebody(Caller):
    """An account, and a caller who proves to be its owner, with the permissions of when they were made."""

    def __init__(self, app, person, prove):
        super().__init__(app)
        self.id, self.email, self.name, self.person = person.id, person.email, person.name, person
        self._prove = prove

    async def __call__(self, method, path, json=None, **more):
        self.headers[identity.HEADER] = self._prove()
        return await super().__call__(method, path, json, **more)


@pytest.fixture
def database_of_roles(database, clock):
    """Makes a role of the installation's own, past the service."""

    async def make(name, *permissions):
        async with database.begin() as connection:
            await roles.add(connection, Role(name, "", frozenset(map(Permission, permissions))), clock.now())
        return name

    return make


@pytest.fixture
async def password_hash(auth):
    return await auth.state.parts.passwords.hash(PASSWORD)


@pytest.fixture
def person(auth, database, clock, keys, password_hash):
    """Makes an account with roles and returns its owner as a caller.

    `only` are permissions in place of those of the roles, `key_id` makes them come by a key.
    """

    async def make(name, *given, app=None, verified=True, key_id="", only=None, email=None):
        who = Person(
            new_id(), email or f"{name.lower()}@example.org", name, given or ("editor",), clock.now(),
            clock.now() if verified else None,
        )  # fmt: skip
        async with database.begin() as connection:
            await people.add_person(connection, who, password_hash)
            allowed = only or permissions_of(who.roles, await roles.listed(connection))
        shown = {"email": who.email, "name": name, "permissions": allowed, "key_id": key_id}
        return Somebody(
            app or auth, who, lambda: identity.assertion(keys, clock, who.id, roles=who.roles, **shown)
        )

    return make


@pytest.fixture
async def root(person):
    """The administrator."""
    return await person("Root", "admin")


@pytest.fixture
def roles_of(database):
    """Returns the roles that an account has."""

    async def roles_of(who):
        async with database.read() as connection:
            found = await people.person_by_id(connection, who.id)
        return list(found[0].roles) if found else None

    return roles_of


@pytest.fixture
def told(database):
    """Returns the events of the audit log, oldest first, with outcome, actor and subject; never with a name."""

    async def told(*events):
        async with database.read() as connection:
            rows = (await connection.execute(select(audit_records).order_by(audit_records.c.number))).all()
        assert not [row for row in rows if "@" in json.dumps(row.details)]
        return [row for row in rows if not events or row.event in events]

    return told
