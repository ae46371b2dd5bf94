"""The drawing's foreign parts: taken from the page's installed packages at build time, read at run time.

``python -m autograph.export.assets web/node_modules`` writes the folder ``assets`` beside this file: the
layout engine, the advance widths of the picture's font, the glyphs of well-known technologies, and the
licence of each. Nothing is fetched, neither then nor later.
"""

import functools
import json
import re
import shutil
import sys
from pathlib import Path

from autograph.export.drawing.technologies import SLUGS

FOLDER = Path(__file__).with_name("assets")
ENGINE, ADVANCES, ICONS = "elk.js", "advances.json", "icons.json"
NEEDED = (ENGINE, ADVANCES, ICONS)
PACKAGES = ("elkjs", "simple-icons", "@fontsource/inter")
_SOURCES = {
    "elkjs": "https://github.com/kieler/elkjs",
    "simple-icons": "https://github.com/simple-icons/simple-icons",
    "@fontsource/inter": "https://github.com/rsms/inter",
}
_WEIGHTS = (400, 500, 600, 700)
_HOW_TO_BUILD = "run `make install` (it calls `python -m autograph.export.assets web/node_modules`)"


class AssetsMissing(RuntimeError):  # noqa: N818 - what is the matter
    """The build step was not run; the message says what to run."""


@functools.cache
def read(name: str) -> str:
    """Return the text of one asset.

    Raises:
        AssetsMissing: It was not built.
    """
    try:
        return (FOLDER / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise AssetsMissing(f"the drawing's part {name} is not built: {_HOW_TO_BUILD}") from None


def check() -> None:
    """Raise AssetsMissing unless everything that drawing needs is there."""
    for name in NEEDED:
        if not (FOLDER / name).is_file():
            raise AssetsMissing(f"the drawing's part {name} is not built: {_HOW_TO_BUILD}")


def advances(font_files: Path) -> dict[str, dict[str, int]]:
    """Return, for each weight, the advance width of each character in thousandths of an em."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - needed to build, not to draw

    tables: dict[str, dict[str, int]] = {}
    for weight in _WEIGHTS:
        table: dict[int, int] = {}
        for path in sorted(font_files.glob(f"inter-*-{weight}-normal.woff2")):
            font = TTFont(path, lazy=True)
            metrics, units = font["hmtx"], font["head"].unitsPerEm
            for code, name in font.getBestCmap().items():
                table[code] = round(metrics[name][0] * 1000 / units)
        if not table:
            raise AssetsMissing(f"no font of weight {weight} in {font_files}")
        tables[str(weight)] = {str(code): table[code] for code in sorted(table)}
    return tables


def glyphs(icon_files: Path) -> dict[str, str]:
    """Return the path of each technology's glyph; one that the package does not have (any more) is left out."""
    found: dict[str, str] = {}
    for slug in SLUGS:
        file = icon_files / f"{slug}.svg"
        if file.is_file() and (path := re.search(r' d="([^"]+)"', file.read_text(encoding="utf-8"))):
            found[slug] = path.group(1)
    return found


def build(node_modules: Path, folder: Path = FOLDER) -> list[str]:
    """Write the assets from `node_modules`; return the names of the files written.

    Raises:
        AssetsMissing: A package is not installed there.
    """
    for package in PACKAGES:
        if not (node_modules / package).is_dir():
            raise AssetsMissing(f"{package} is not installed in {node_modules}")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(node_modules / "elkjs" / "lib" / "elk.bundled.js", folder / ENGINE)
    for name, content in (
        (ADVANCES, advances(node_modules / "@fontsource" / "inter" / "files")),
        (ICONS, glyphs(node_modules / "simple-icons" / "icons")),
    ):
        (folder / name).write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
    (folder / "LICENCES.txt").write_text(_licences(node_modules), encoding="utf-8")
    return [*NEEDED, "LICENCES.txt"]


def _licences(node_modules: Path) -> str:
    parts = [
        "Parts of other people in this folder, unmodified, with where they come from and their licences."
    ]
    for package in PACKAGES:
        home = node_modules / package
        version = json.loads((home / "package.json").read_text(encoding="utf-8"))["version"]
        texts = [path.read_text(encoding="utf-8") for path in sorted(home.glob("LICENSE*"))]
        parts.append("\n".join([f"== {package} {version}, {_SOURCES[package]}", *texts]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m autograph.export.assets NODE_MODULES")
    try:
        written = build(Path(sys.argv[1]))
    except AssetsMissing as missing:
        sys.exit(str(missing))
    sys.stdout.write(f"{FOLDER}: {', '.join(written)}\n")
