"""Whoever manages people removes somebody for good, as completely as these would themselves."""

import pytest

from autograph.auth.leaving import LATE

pytestmark = [pytest.mark.feature("security.privacy"), pytest.mark.feature("teams.teams")]


def at(who):
    return f"/api/auth/admin/users/{who.id}/remove"


async def test_nothing_is_left_of_whoever_is_removed(ada, root, traces, rooms, clock):
    """Account, documents and traces are gone at once; the record says who did it."""
    await ada.drawn("Zebra plan")

    answer = await root("POST", at(ada), {"documents_to": None})

    assert (answer.status, answer.json()["documents"]) == (200, 1)
    assert await traces(ada.email, "zebra", "browser of ada") == set()
    clock.wind(seconds=LATE.total_seconds())
    assert await rooms.auth.state.leaving.round() == 1
    assert (await ada("GET", "/api/auth/me")).status == 401
    [told] = (await root("GET", "/api/auth/admin/audit-logs?event=account.erased")).json()["items"]
    assert (told["actor"]["id"], told["subject"]["id"]) == (root.id, ada.id)
    assert told["device"] == "Browser of Root"
    assert (await root("POST", at(ada), {"documents_to": None})).slug == "not-found"


async def test_documents_go_to_anybody_who_is_there(ada, root, somebody):
    """Not only to those of a team; not to somebody disabled, and not back."""
    bob, gone = await somebody("Bob"), await somebody("Gone")
    await root("POST", f"/api/auth/admin/users/{gone.id}/disable")
    document = await ada.drawn("Shop")
    for to in (gone.id, ada.id, "none"):
        assert (await root("POST", at(ada), {"documents_to": to})).wrong_fields == {"documents_to"}
    assert (await root("POST", at(ada), {})).wrong_fields == {"documents_to"}

    assert (await root("POST", at(ada), {"documents_to": bob.id})).json()["documents"] == 1
    assert (await bob("GET", f"/api/diagrams/{document}")).status == 200


async def test_somebody_disabled_can_be_removed(ada, root, traces):
    """That is the usual way: first out, then gone."""
    await root("POST", f"/api/auth/admin/users/{ada.id}/disable")

    assert (await root("POST", at(ada), {"documents_to": None})).status == 200
    assert await traces(ada.email) == set()


async def test_nobody_removes_oneself_or_whoever_may_more(ada, root, somebody):
    """One's own account asks for proof; others' rights count as everywhere; without any one is refused."""
    assert (await root("POST", at(root), {"documents_to": None})).slug == "own-account"
    second = await somebody("Second", "admin")
    assert (await ada("POST", at(second), {"documents_to": None})).slug == "forbidden"
    assert (await second("POST", at(root), {"documents_to": None})).status == 200
    assert (await second("POST", at(second), {"documents_to": None})).slug == "own-account"
