"""Tables on a phone: rows are cards, all of a row is in sight, and its actions are what a finger meets."""

import pytest

MEETS = """(button) => {
  button.scrollIntoView({block: "center", inline: "nearest"});
  button.closest(".sideways").scrollLeft = 0;
  const {left, right, top, bottom} = button.getBoundingClientRect();
  const met = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return left >= 0 && right <= innerWidth && button.contains(met);
}"""
IN_SIGHT = """(tab) => {
  const {left, right} = tab.getBoundingClientRect();
  return left >= 0 && right <= innerWidth;
}"""
CELLS_IN_SIGHT = """(table) => [...table.querySelectorAll("tbody :is(th, td):not(.pick)")].every((cell) => {
  const {left, right} = cell.getBoundingClientRect();
  return left >= 0 && right <= innerWidth && cell.scrollWidth <= cell.clientWidth + 1;
}) && table.parentElement.scrollWidth <= table.parentElement.clientWidth"""
MAKE = """async () => {
  const send = (path, body) => fetch(path, {method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(body)});
  await send("/api/auth/api-keys", {name: "Nightly drawing of everything there is", scopes: ["read", "write"], expires_in_days: 90});
  await send("/api/auth/invitations", {emails: ["somebody.with.a.long.name@example.com"], role: "editor"});
  await send("/api/auth/login", {email: "ada@example.com", password: "correct horse battery staple"});
  await send("/api/auth/roles", {name: "people-and-teams", description: "Looks after people", permissions: ["people:read", "people:manage", "teams:manage"]});
}"""


def roles(page) -> set[str]:
    """What a screen reader is told the parts of the page are."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    return {node["role"]["value"] for node in tree["nodes"] if "role" in node and not node["ignored"]}


@pytest.mark.feature("teams.teams", "auth.api-keys", "auth.sessions", "auth.roles")
def test_actions_of_rows_are_within_reach(known, finished):
    """On 390 pixels, without moving a table sideways, the first and the last action of each are reached."""
    known.evaluate(MAKE)
    known.set_viewport_size({"width": 390, "height": 844})
    for section, table in {
        "keys": "API keys", "sessions": "Sessions", "invitations": "Invitations", "people": "People", "roles": "Roles",
        "mail": "Mail",
    }.items():  # fmt: skip
        known.goto(f"/settings/{section}")
        actions = known.get_by_role("region", name=table, exact=True).locator("tbody td:last-child button")
        actions.first.wait_for()
        for action in (actions.first, actions.last):
            assert action.evaluate(MEETS), (section, action.get_attribute("aria-label"))
        assert known.locator(".cards").evaluate(CELLS_IN_SIGHT), section
        assert {"row", "columnheader", "cell"} <= roles(known), section
        assert known.locator(".section-tabs [aria-current]").evaluate(IN_SIGHT), section
        finished(known, f"phone-table-{section}")


@pytest.mark.feature("auth.audit")
def test_all_of_a_record_is_in_sight(known):
    """On 390 pixels every record of the audit log is read without moving it sideways, heads beside figures."""
    known.set_viewport_size({"width": 390, "height": 844})
    known.goto("/settings/audit")
    table = known.locator(".cards")
    table.get_by_role("row").nth(1).wait_for()
    assert table.evaluate(CELLS_IN_SIGHT)
    assert table.locator("tbody td[data-head=Who]").count() > 0
