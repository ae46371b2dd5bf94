"""Refresh tokens in any order that anybody could think of: a family lives by one token, and dies by any other."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule
from tests.api.auth.conftest import FAST, PASSWORD
from tests.caller import Caller
from tests.clock import HandClock

from autograph.auth.app import close, create_app
from autograph.auth.keys import SigningKeys
from autograph.auth.parts import Parts
from autograph.auth.settings import AuthSettings
from autograph.auth.tables import metadata
from autograph.auth.vault import Vault
from autograph.storage.sql import open_database

MOST_SESSIONS = 3
ADA = {"email": "ada@example.org", "password": PASSWORD}


@dataclass
class Family:
    """What one sign-in has led to, as it should be: tokens in their order, and when the last one ends."""

    born: int
    ends: object
    tokens: list[str] = field(default_factory=list)
    access: str = ""
    access_ends: object = None
    last_used: int = 0
    is_ended: bool = False


class Families(RuleBasedStateMachine):
    """Ada signs in, refreshes, loses tokens to thieves and signs out, while time goes on."""

    families = Bundle("families")

    def __init__(self, folder):
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock, self.known, self.moves = HandClock(), [], 0
        self.loop.run_until_complete(self.open(folder))

    async def open(self, folder):
        self.database = open_database(f"sqlite:///{folder}/families.db")
        async with self.database.begin() as connection:
            await connection.run_sync(metadata.drop_all)
            await connection.run_sync(metadata.create_all)
        chosen = {"registration": "open", "verification": "off", "most_sessions": MOST_SESSIONS}
        parts = Parts.made(
            database=self.database,
            clock=self.clock,
            settings=AuthSettings(**chosen, **FAST, tries_per_address=10**5),
            keys=SigningKeys.generate(),
            vault=Vault.generate(),
            public_url="http://127.0.0.1:8080",
        )
        self.app = create_app(parts)
        self.call = Caller(self.app)
        assert (await self.call("POST", "/api/auth/register", {**ADA, "name": "Ada"})).status == 201

    def ask(self, *question):
        self.moves += 1
        return self.loop.run_until_complete(self.call(*question))

    def refresh(self, token):
        return self.ask("POST", "/api/auth/refresh", {"refresh_token": token})

    def lives(self, family):
        return not family.is_ended and self.clock.now() < family.ends

    def got(self, family, tokens):
        family.tokens.append(tokens["refresh_token"])
        family.access, family.last_used = tokens["access_token"], self.moves
        lasts = timedelta(seconds=tokens["expires_in"])
        family.access_ends = self.clock.now().replace(microsecond=0) + lasts

    @rule(target=families, remember_me=st.booleans())
    def sign_in(self, remember_me):
        """One more family; beyond the bound the one used longest ago ends."""
        answer = self.ask("POST", "/api/auth/login", {**ADA, "remember_me": remember_me})
        assert answer.status == 200, answer.body
        alive = sorted((one for one in self.known if self.lives(one)), key=lambda one: one.last_used)
        for oldest in alive[: max(0, len(alive) - MOST_SESSIONS + 1)]:
            oldest.is_ended = True
        ends = self.clock.now() + (timedelta(days=30) if remember_me else timedelta(hours=24))
        family = Family(born=self.moves, ends=ends)
        self.got(family, answer.json())
        self.known.append(family)
        self.clock.wind(seconds=1)  # which one was used before which is told by the clock
        return family

    @rule(family=families)
    def use_the_newest(self, family):
        """It gives the next pair while its family lives; afterwards nothing."""
        answer = self.refresh(family.tokens[-1])
        if self.lives(family):
            assert answer.status == 200, answer.body
            assert answer.json()["refresh_token"] not in family.tokens
            self.got(family, answer.json())
        else:
            assert answer.status == 401
        self.clock.wind(seconds=1)

    @precondition(lambda self: any(len(family.tokens) > 1 for family in self.known))
    @rule(family=families, which=st.integers(0, 50))
    def use_an_ancestor(self, family, which):
        """Whichever it is, however old: the family ends, and with it its newest token."""
        if len(family.tokens) < 2:
            return
        answer = self.refresh(family.tokens[which % (len(family.tokens) - 1)])
        assert (answer.status, answer.slug) == (401, "refresh-reused")
        family.is_ended = True

    @rule(family=families, times=st.integers(2, 4))
    def use_the_newest_at_once(self, family, times):
        """Of some at the same moment one at most is first; then the others were reuse."""

        async def all_of_them():
            body = {"refresh_token": family.tokens[-1]}
            asked = [self.call("POST", "/api/auth/refresh", body) for _ in range(times)]
            return await asyncio.gather(*asked)

        answers = self.loop.run_until_complete(all_of_them())
        statuses = sorted(answer.status for answer in answers)
        assert statuses == [200] + [401] * (times - 1) if self.lives(family) else [401] * times
        first = next((answer.json() for answer in answers if answer.status == 200), None)
        if first:
            self.got(family, first)
        family.is_ended = True

    @rule(family=families)
    def sign_out(self, family):
        """By its access token: this family ends and no other."""
        if not self.opens(family):
            return
        assert self.ask_as(family, "POST", "/api/auth/logout").status == 204
        family.is_ended = True

    @rule(family=families)
    def sign_out_everywhere(self, family):
        if not self.opens(family):
            return
        assert self.ask_as(family, "POST", "/api/auth/logout-all").status == 204
        for one in self.known:
            one.is_ended = True

    @rule(hours=st.sampled_from([0.1, 0.9, 1.1, 12, 25, 24 * 29]))
    def wait(self, hours):
        self.clock.wind(hours=hours)

    @rule(token=st.sampled_from(["", "x", "A" * 43]))
    def use_what_was_never_given(self, token):
        """It opens nothing and ends nothing."""
        answer = self.refresh(token)
        assert (answer.status, answer.slug) == (401, "refresh-refused")

    def opens(self, family):
        return self.lives(family) and self.clock.now() < family.access_ends

    def ask_as(self, family, method, path):
        found = self.ask("POST", "/internal/identify", {"bearer": family.access})
        assert found.status == 200, found.body
        headers = {"x-autograph-identity": found.json()["assertion"]}
        return self.loop.run_until_complete(Caller(self.app, headers)(method, path))

    @invariant()
    def access_tokens_open_while_their_family_lives(self):
        """And for an hour at most."""
        for family in self.known:
            answer = self.loop.run_until_complete(
                self.call("POST", "/internal/identify", {"bearer": family.access})
            )
            assert answer.status == (200 if self.opens(family) else 401), family

    def teardown(self):
        self.loop.run_until_complete(close(self.app))
        self.loop.run_until_complete(self.database.close())
        self.loop.close()


@pytest.mark.feature("auth.refresh")
def test_families(tmp_path):
    """A model of families and the service agree after every move."""
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        lambda: Families(tmp_path),
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
