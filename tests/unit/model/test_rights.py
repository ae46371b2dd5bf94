"""Who may do what to whose things: one decision, asked by name and asked by queries."""

import pytest

from autograph.model.principal import Principal
from autograph.model.rights import BUILT_IN, SCOPES, Permission, Thing, can, owners

pytestmark = pytest.mark.feature("documents.permissions")


def somebody(*permissions):
    return Principal(user_id="ada", email="ada@example.org", permissions=frozenset(permissions))


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("owner", ["ada", "eve", ""])
@pytest.mark.parametrize(
    "held", [(), ("documents:read",), tuple(Permission)], ids=["nothing", "reading", "everything"]
)
def test_a_query_reaches_what_a_question_allows(permission, owner, held):
    """`can` and `owners` never differ: what may not be asked for by name is not found by a search either."""
    who = somebody(*held)
    assert can(who, permission, Thing(owner)) == (owner in owners(who, permission))


@pytest.mark.parametrize("permission", Permission)
def test_not_even_an_administrator_reaches_the_documents_of_others(permission):
    """A permission is about what one may do, not about whose things."""
    admin = somebody(*BUILT_IN["admin"].permissions)
    assert can(admin, permission)
    assert can(admin, permission, Thing("ada"))
    assert not can(admin, permission, Thing("eve"))


def test_whoever_may_not_do_it_reaches_nothing_of_their_own_either():
    """A key that reads changes nothing, also of its owner's."""
    key = somebody(*SCOPES["read"])
    assert not can(key, Permission.DOCUMENTS_WRITE, Thing("ada"))
    assert owners(key, Permission.DOCUMENTS_WRITE) == frozenset()
