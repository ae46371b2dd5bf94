"""Browser tests of the operations page while all is well: what an administrator sees, on every kind of screen."""

import re

import pytest
from tests.browser.conftest import Watch, serious
from tests.browser.shots import PHONE, WIDE, in_theme, look

SECTIONS = (
    "", "services", "services/auth", "errors", "queries", "alerts", "backups", "logs", "versions", "flags", "settings",
)  # fmt: skip
VERY_WIDE = {"width": 2560, "height": 1300}


@pytest.mark.feature("observability.ops-page")
@pytest.mark.parametrize(
    ("theme", "size"),
    [
        ("light", WIDE), ("dark", WIDE), ("contrast", WIDE), ("light", PHONE), ("dark", PHONE), ("light", VERY_WIDE),
    ],
)  # fmt: skip
def test_operations_shows_every_part_without_faults(known, axe: str, watch: Watch, theme: str, size) -> None:
    """Figures come live, nothing is wider than the screen, nothing is hard to read, nothing leaves the house."""
    known.set_viewport_size(size)
    in_theme(known, theme)
    known.goto("/operations")
    known.get_by_text("Live, ").wait_for()
    # A busy machine may make alerts pending; none fires.
    known.get_by_role("heading", name=re.compile("^(All is well|No alert fires yet)$")).wait_for()
    known.get_by_role("region", name="Totals").wait_for()
    known.get_by_role("rowheader").filter(has_text="gateway").wait_for()
    known.locator(".op-red canvas").first.wait_for()
    look(known, f"operations-{theme}-{size['width']}")
    assert serious(known, axe) == []
    assert known.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert watch.errors == []
    assert watch.outside == []


@pytest.mark.feature("observability.ops-page")
@pytest.mark.parametrize(("theme", "size"), [("light", WIDE), ("dark", PHONE)])
def test_every_section_opens_without_faults(known, axe: str, watch: Watch, theme: str, size) -> None:
    """Each has a heading and cards that answer, fits the screen and passes the accessibility rules."""
    known.set_viewport_size(size)
    in_theme(known, theme)
    for section in SECTIONS:
        known.goto(f"/operations/{section}")
        known.get_by_text("Live, ").wait_for()
        known.locator(".op-body section").first.wait_for()
        known.wait_for_function("() => !document.querySelector('.op-body .sk')")
        look(known, f"operations-{section.replace('/', '-') or 'overview'}-{theme}-{size['width']}")
        assert (section, serious(known, axe)) == (section, [])
        assert (section, known.get_by_role("alert").count()) == (section, 0)
        assert known.evaluate("document.documentElement.scrollWidth <= innerWidth"), section
    assert watch.errors == []


@pytest.mark.feature("observability.ops-page")
def test_nothing_is_green_that_was_not_measured(known) -> None:
    """A green dot stands only beside what was measured; backups, parts that nobody called and browsers have none."""
    known.goto("/operations")
    known.get_by_role("rowheader").filter(has_text="gateway").wait_for()
    known.locator(".op-map .op-node").first.wait_for()
    tones = known.evaluate(
        """() => [...document.querySelectorAll('.op-red [data-status]')]
            .map(dot => `${dot.dataset.status} ${dot.className}`)"""
    )
    assert set(tones) <= {"healthy dot ok", "degraded dot warn", "down dot bad", "unknown dot"}
    parts = known.evaluate(
        """async () => (await (await fetch('/api/ops/map')).json()).nodes.map(node => [
            node.status, node.kind,
            [...document.querySelectorAll('.op-node')]
              .find(part => part.querySelector('text').textContent === node.name)
              .querySelector('circle')?.getAttribute('class') ?? 'none'])"""
    )
    green = {(status, kind) for status, kind, tone in parts if tone == "ok"}
    assert green
    assert {status for status, _ in green} == {"healthy"}
    assert ["unknown", "people", "none"] in parts
    backups = known.get_by_role("region", name="Backups")
    backups.get_by_text("No data").wait_for()
    assert backups.locator(".ok").count() == 0


@pytest.mark.feature("observability.ops-page", "experience.accessible")
def test_the_map_is_walked_by_keys_and_fits_a_phone(known) -> None:
    """Tab stops at it once, arrows walk it, Enter opens what a click opens; sideways it moves only where asked to."""
    known.set_viewport_size({"width": 390, "height": 844})
    known.goto("/operations")
    known.locator(".op-map .op-node").first.wait_for()
    cut = "() => document.querySelectorAll('.op-mapped .sideways').length"
    assert known.evaluate(cut) == 0
    fits = "map => map.getBoundingClientRect().right <= innerWidth && map.getBoundingClientRect().left >= 0"
    assert known.locator(".op-map").evaluate(fits)
    known.get_by_role("button", name="Full size").focus()
    known.keyboard.press("Enter")
    assert known.evaluate(cut) == 1
    known.keyboard.press("Enter")
    known.keyboard.press("Tab")
    stop = "() => document.activeElement.dataset.stop"
    walked = [known.evaluate(stop)]
    for _ in range(len(known.locator(".op-map [data-stop]").all()) - 1):
        known.keyboard.press("ArrowDown")
        walked.append(known.evaluate(stop))
    assert len(set(walked)) == len(walked) > 8
    known.keyboard.press("ArrowDown")
    assert known.evaluate(stop) == walked[0]
    for _ in range(walked.index("gateway")):
        known.keyboard.press("ArrowRight")
    known.keyboard.press("Enter")
    known.wait_for_url("**/operations/services/gateway")
    known.locator("h1:focus").get_by_text("Services").wait_for()


@pytest.mark.feature("observability.ops-page", "experience.accessible")
def test_what_moves_is_not_said_aloud(known) -> None:
    """Figures and the time change every few seconds; whoever listens hears of none of it, only where a link led."""
    known.goto("/operations")
    known.locator(".op-map .op-node").first.wait_for()
    time = known.locator("[data-line]")
    before = time.inner_text()
    known.evaluate(
        """() => { window.said = []; new MutationObserver(all => all.forEach(({target}) => {
            const place = (target.nodeType === 3 ? target.parentElement : target).closest('[role=status], [role=alert], [aria-live]');
            if (place) window.said.push(place.innerText);
          })).observe(document.body, {subtree: true, childList: true, characterData: true}); }"""
    )
    known.wait_for_function(
        "before => document.querySelector('[data-line]').innerText !== before", arg=before
    )
    assert known.evaluate("window.said") == []
    known.get_by_role("navigation", name="Operations").get_by_role("link", name="Flags").click()
    known.wait_for_function("() => window.said.includes('Flags · Operations')")


def test_the_keys_g_and_o_lead_to_operations(known) -> None:
    """An administrator reaches the page from the library by two keys."""
    known.keyboard.press("g")
    known.keyboard.press("o")
    known.get_by_role("heading", name="Operations", exact=True).wait_for()


@pytest.mark.feature("observability.ops-page")
def test_the_map_opens_as_a_document(known) -> None:
    """The service map becomes a document of mine, drawn by the editor."""
    known.goto("/operations")
    known.get_by_role("button", name="Open as document").click()
    known.wait_for_url("**/d/*")
    assert known.evaluate(
        "async id => (await fetch(`/api/diagrams/${id}`)).json().then(d => d.has_model)",
        known.url.split("/")[-1],
    )


def test_a_log_level_is_changed_for_every_process(known, watch: Watch) -> None:
    """What is chosen is what the server says afterwards, and choosing nothing takes it back."""
    known.goto("/operations/logs")
    known.get_by_label("Log level of auth").select_option("debug")
    known.get_by_text("Log levels changed").first.wait_for()
    levels = "async () => (await fetch('/api/admin/log-levels')).json()"
    assert known.evaluate(levels)["modules"] == {"auth": "debug"}
    known.get_by_label("Log level of auth").select_option("")
    known.wait_for_function(f"async () => !('auth' in (await ({levels})()).modules)")
    assert watch.errors == []


@pytest.mark.feature("observability.ops-page")
def test_a_flag_is_switched_by_the_keyboard(known, watch: Watch) -> None:
    """The space key switches it off for all, and on again; the server says so."""
    known.goto("/operations/flags")
    switch = known.get_by_role("switch", name="import-from-git")
    flag = """async wanted => (await (await fetch('/api/admin/feature-flags')).json())
        .items.find(flag => flag.key === 'import-from-git').enabled === wanted"""
    for wanted in (False, True):
        switch.focus()
        known.keyboard.press("Space")
        known.wait_for_function(flag, arg=wanted)
        known.locator(".op-switch[aria-busy=false]").wait_for()
        known.get_by_text(f"import-from-git is {'on' if wanted else 'off'}").first.wait_for()
    assert watch.errors == []


@pytest.mark.feature("observability.ops-page")
def test_settings_are_found_and_hold_no_secret(known) -> None:
    """What somebody has set comes first; a secret says only whether it is set; a word leaves what holds it."""
    known.goto("/operations/settings")
    rows = known.get_by_role("region", name="Settings", exact=True).get_by_role("row")
    known.get_by_role("rowheader", name="AUTOGRAPH_DATA", exact=True).wait_for()
    assert rows.count() > 100
    names = [row.split("\t")[0] for row in rows.all_inner_texts()[1:]]
    assert names.index("AUTOGRAPH_DATA") < names.index("AUTOGRAPH_ANALYSIS__ROOTS")
    known.get_by_label("Find").fill("smtp_url")
    known.wait_for_function("() => document.querySelectorAll('.op-settings tbody tr').length < 5")
    assert {row.split("\t")[1] for row in rows.all_inner_texts()[1:]} == {"not set, a secret"}
    known.get_by_label("Find").fill("there is no such")
    known.get_by_text("No setting matches.").wait_for()


@pytest.mark.feature("observability.ops-page")
def test_colours_follow_the_theme_at_once(known) -> None:
    """The charts are drawn again in the colours of the other theme, without a load."""
    known.goto("/operations")
    drawn = known.locator(".op-part canvas").first
    drawn.wait_for()
    pixels = "canvas => canvas.toDataURL()"
    before = drawn.evaluate(pixels)
    known.evaluate("document.documentElement.dataset.theme = 'dark'")
    known.wait_for_function(
        "before => document.querySelector('.op-part canvas')?.toDataURL() !== before", arg=before
    )
