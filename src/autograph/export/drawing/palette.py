"""Colours and names of the visual language, light and dark. Every pair was chosen for its contrast."""

from dataclasses import dataclass
from typing import Literal

from autograph.model.architecture import Kind, Known

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of one picture. `groups` deepens by nesting; `tint` is how much of a kind's colour a tile has."""

    name: ThemeName
    canvas: str
    card: str
    border: str
    text: str
    muted: str
    line: str
    groups: tuple[str, str, str]
    group_border: str
    group_text: str
    band: str
    chip: str
    label: str
    tint: float
    kinds: dict[Kind, str]

    def group(self, depth: int) -> str:
        """Fill of a group nested `depth` deep (0 is outermost)."""
        return self.groups[min(depth, 2)]


def _kinds(
    people: str,
    frontend: str,
    gateway: str,
    service: str,
    queue: str,
    store: str,
    cache: str,
    rest: str,
    infra: str,
) -> dict[Kind, str]:
    return {
        Kind.USER: people,
        Kind.LOADGEN: people,
        Kind.FRONTEND: frontend,
        Kind.GATEWAY: gateway,
        Kind.SERVICE: service,
        Kind.AUTH: service,
        Kind.QUEUE: queue,
        Kind.DATABASE: store,
        Kind.STORAGE: store,
        Kind.CACHE: cache,
        Kind.EXTERNAL: rest,
        Kind.CONFIG: infra,
        Kind.DISCOVERY: infra,
        Kind.OBSERVABILITY: infra,
    }


LIGHT = Theme(
    name="light",
    canvas="#FFFFFF",
    card="#FFFFFF",
    border="#C3CCD8",
    text="#111827",
    muted="#566273",
    line="#5C6879",
    groups=("#F4F6FA", "#EBEFF5", "#E2E8F0"),
    group_border="#D3DAE4",
    group_text="#3E4A5B",
    band="#F7F8FA",
    chip="#EEF2F8",
    label="#3A4657",
    tint=0.10,
    kinds=_kinds(
        "#27303F", "#9C3D78", "#5A48B8", "#0A5FA5", "#8A5A00", "#00734F", "#B5430A", "#4B5768", "#566273"
    ),
)
DARK = Theme(
    name="dark",
    canvas="#0E131A",
    card="#1A222D",
    border="#3A4859",
    text="#EEF2F7",
    muted="#A3B1C2",
    line="#8C9AAC",
    groups=("#141B24", "#182029", "#1C2630"),
    group_border="#2A3543",
    group_text="#B7C3D2",
    band="#121922",
    chip="#253140",
    label="#C3CEDB",
    tint=0.18,
    kinds=_kinds(
        "#DCE4EE", "#F0A3CC", "#B9ABFF", "#74BDF8", "#EBC25A", "#54D3A6", "#FF9E70", "#B2BECD", "#9FADBE"
    ),
)
THEMES: dict[ThemeName, Theme] = {"light": LIGHT, "dark": DARK}

KIND_NAMES: dict[Kind, str] = {
    Kind.USER: "Person",
    Kind.LOADGEN: "Load generator",
    Kind.FRONTEND: "Frontend",
    Kind.GATEWAY: "Gateway",
    Kind.SERVICE: "Service",
    Kind.AUTH: "Auth",
    Kind.QUEUE: "Queue / broker",
    Kind.DATABASE: "Database",
    Kind.CACHE: "Cache",
    Kind.STORAGE: "Storage",
    Kind.EXTERNAL: "External system",
    Kind.CONFIG: "Configuration",
    Kind.DISCOVERY: "Discovery",
    Kind.OBSERVABILITY: "Observability",
}
"""What a kind is called in the legend, in the order of the legend."""

KNOWN_NAMES: dict[Known, str] = {
    Known.CODE: "Found in code",
    Known.CONFIG: "Found in configuration",
    Known.DECLARED: "Declared in a document",
    Known.TRACE: "Seen in a trace",
    Known.INFERRED: "Inferred",
}


def mix(colour: str, ground: str, share: float) -> str:
    """Return `share` (0 to 1) of `colour` on `ground`, both as #RRGGBB."""
    parts = (
        round(int(colour[i : i + 2], 16) * share + int(ground[i : i + 2], 16) * (1 - share))
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in parts)
