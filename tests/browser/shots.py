"""Pictures of pages, kept where the run was asked to by AUTOGRAPH_BROWSER_SHOTS."""

import os
from pathlib import Path

FOLDER = os.environ.get("AUTOGRAPH_BROWSER_SHOTS")
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def look(page, name: str) -> None:
    """Keep a picture of all that the page shows, as long as it is."""
    if not FOLDER:
        return
    size = page.viewport_size
    page.wait_for_timeout(500)
    within = (
        "() => Math.max(0, ...[...document.querySelectorAll('*')].map(e => e.scrollHeight - e.clientHeight))"
    )
    page.set_viewport_size({**size, "height": min(6000, size["height"] + page.evaluate(within))})
    page.wait_for_timeout(300)
    page.screenshot(path=Path(FOLDER) / f"{name}.png", full_page=True)
    page.set_viewport_size(size)


def in_theme(page, theme: str) -> None:
    """From the next load on the page is light, dark or in high contrast."""
    page.add_init_script(
        "new MutationObserver(() => { const root = document.documentElement;"
        f" if (root.dataset.theme !== '{theme}') root.dataset.theme = '{theme}'; }})"
        ".observe(document, {attributes: true, subtree: true, attributeFilter: ['data-theme']});"
        f"localStorage.setItem('autograph.theme', '{'light' if theme == 'light' else 'dark'}');"
    )
