"""Texts of a picture as a real browser sets them: which lie on each other, which are outside their place."""

import base64
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers import chromium
from tests.servers.process import Absent

FONTS = Path(__file__).parents[2] / "web" / "node_modules" / "@fontsource" / "inter" / "files"
MEASURE = """() => {
  const svg = document.querySelector("svg"), whole = svg.getBoundingClientRect();
  const ink = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim()).map((text) => {
    const box = text.getBoundingClientRect(), size = parseFloat(text.getAttribute("font-size"));
    const line = text.getScreenCTM().f + parseFloat(text.getAttribute("y"));
    return { text, size, l: box.left, r: box.right, t: line - 0.73 * size, b: line + 0.2 * size };
  });
  const overlaps = (a, b) => a.l < b.r - 0.5 && b.l < a.r - 0.5 && a.t < b.b - 0.5 && b.t < a.b - 0.5;
  const within = (a, box) => a.l >= box.left - 0.5 && a.r <= box.right + 0.5 && a.t >= box.top - 0.5 && a.b <= box.bottom + 0.5;
  const around = (card) => {
    const boxes = [...card.querySelectorAll("rect, path, circle")].map((part) => part.getBoundingClientRect());
    return {
      left: Math.min(...boxes.map((b) => b.left)), right: Math.max(...boxes.map((b) => b.right)),
      top: Math.min(...boxes.map((b) => b.top)), bottom: Math.max(...boxes.map((b) => b.bottom)),
    };
  };
  let over = 0, outside = 0, beyond = 0;
  ink.forEach((one, at) => {
    over += ink.slice(at + 1).filter((other) => overlaps(one, other)).length;
    const card = one.text.closest("[data-node]");
    if (card && !within(one, around(card))) outside += 1;
    if (!within(one, whole)) beyond += 1;
  });
  return { count: ink.length, smallest: Math.min(99, ...ink.map((one) => one.size)), over, outside, beyond };
}"""


@dataclass(frozen=True)
class Texts:
    """How many texts a picture has, the smallest size in px, and what is wrong with them, counted."""

    count: int
    smallest: float
    faults: dict[str, int]


@contextmanager
def typesetter() -> Iterator[Callable[[str], Texts]]:
    """Open a browser that measures pictures, with Inter and then with what stands in for it.

    Raises:
        Absent: There is no browser.
    """
    from playwright.sync_api import sync_playwright

    path, env = chromium.find()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=chromium.FLAGS, env={**os.environ, **env})
        page = browser.new_page(viewport={"width": 4000, "height": 3000})

        def measured(svg: str) -> Texts:
            faults: dict[str, int] = {}
            found = {}
            for font, style in {"inter": _faces(), "fallback": _stand_in()}.items():
                page.set_content(f"<!doctype html><style>body{{margin:0}}{style}</style>{svg}")
                page.evaluate("() => document.fonts.ready.then(() => true)")
                found = page.evaluate(MEASURE)
                for name in ("over", "outside", "beyond"):
                    faults[f"texts_{name}_{font}"] = found[name]
            faults["texts_below_11"] = int(found["smallest"] < 11)
            return Texts(found["count"], found["smallest"], faults)

        yield measured
        browser.close()


def _faces() -> str:
    """Inter as the page has it, inside the style sheet: nothing is fetched.

    Raises:
        Absent: The page's packages are not installed.
    """
    faces = []
    for weight in (400, 500, 600, 700):
        file = FONTS / f"inter-latin-{weight}-normal.woff2"
        if not file.exists():
            raise Absent("Inter: the page's packages are not installed")
        data = base64.b64encode(file.read_bytes()).decode()
        faces.append(
            f"@font-face{{font-family:Inter;font-weight:{weight};src:url(data:font/woff2;base64,{data})}}"
        )
    return "".join(faces)


def _stand_in() -> str:
    """What a machine without Inter shows."""
    return 'svg{font-family:"Liberation Sans",Arial,sans-serif}'
