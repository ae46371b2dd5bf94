"""Tables of the settings on a phone: what can be done with a row is in sight, and is what a finger meets."""

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
MAKE = """async () => {
  const send = (path, body) => fetch(path, {method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(body)});
  await send("/api/auth/api-keys", {name: "Nightly drawing of everything there is", scopes: ["read", "write"], expires_in_days: 90});
  await send("/api/auth/invitations", {emails: ["somebody.with.a.long.name@example.com"], role: "editor"});
  await send("/api/auth/login", {email: "ada@example.com", password: "correct horse battery staple"});
  await send("/api/auth/roles", {name: "people-and-teams", description: "Looks after people", permissions: ["people:read", "people:manage", "teams:manage"]});
}"""


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
        assert known.locator(".section-tabs [aria-current]").evaluate(IN_SIGHT), section
        finished(known, f"phone-table-{section}")
