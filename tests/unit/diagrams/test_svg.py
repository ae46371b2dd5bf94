"""Nothing that runs, loads or reaches out survives the sanitiser; a drawing does."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograph.core.problem import Invalid
from autograph.diagrams.svg import ATTRIBUTES, ELEMENTS, is_harmless_style, sanitise

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'


def clean(inner):
    return sanitise(f"{OPEN}{inner}</svg>".encode()).decode()


@pytest.mark.feature("security.untrusted-input")
@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<SCRIPT>alert(1)</SCRIPT>",
        '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="alert(1)"/></foreignObject>',
        '<g onload="alert(1)"/>',
        '<g ONLOAD="alert(1)"/>',
        '<a href="javascript:alert(1)"><text>x</text></a>',
        '<a xlink:href="&#106;avascript:alert(1)"><text>x</text></a>',
        '<use href="https://evil.example/x.svg#alert"/>',
        '<use xlink:href="data:image/svg+xml;base64,alert"/>',
        '<image href="https://evil.example/alert.png"/>',
        '<image href="//evil.example/alert.png"/>',
        '<image href="data:text/html,alert"/>',
        '<animate attributeName="href" values="javascript:alert(1)"/>',
        '<set attributeName="onmouseover" to="alert(1)"/>',
        '<rect style="fill:url(https://evil.example/alert)"/>',
        '<rect style="background:u\\72l(https://evil.example/alert)"/>',
        '<rect fill="url(//evil.example/alert#a)"/>',
        "<rect filter=\"URL( 'https://evil.example/alert' )\"/>",
        "<style>@import 'https://evil.example/alert.css';</style>",
        "<style>a{content:'/*';b:url(https://evil.example/alert)}/* */</style>",
        "<style>*{background:image-set('https://evil.example/alert' 1x)}</style>",
        "<style>@font-face{src:url(https://evil.example/alert.woff2)}</style>",
        "<style>a{b:url(data:text/css,alert)}</style>",
        "<style><![CDATA[</style><script>alert(1)</script>]]></style>",
        '<handler type="application/ecmascript">alert(1)</handler>',
        '<iframe src="https://evil.example/alert"/>',
        '<embed src="alert"/>',
        '<metadata><x onclick="alert(1)"/></metadata>',
        "<?xml-stylesheet href='https://evil.example/alert.css'?>",
        "<!-- alert -->",
        '<linearGradient id="a" xlink:href="https://evil.example/alert#b"/>',
        '<text xml:base="javascript:alert(1)">x</text>',
    ],
)
def test_attacks_leave_nothing_behind(attack):
    """No trace of what would run or be fetched; what is left is still XML."""
    cleaned = clean(attack)

    assert "alert" not in cleaned
    assert "evil" not in cleaned
    ET.fromstring(cleaned)


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        '<!DOCTYPE svg SYSTEM "file:///etc/passwd"><svg xmlns="http://www.w3.org/2000/svg"/>',
        '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>',
        "<svg/>",
        "<html/>",
        "<svg xmlns='http://www.w3.org/2000/svg'>",
        "<svg xmlns='http://www.w3.org/2000/svg'>&nbsp;</svg>",
        "",
        OPEN + "<g>" * 300 + "</g>" * 300 + "</svg>",
        OPEN + "<x>" * 100_000 + "</x>" * 100_000 + "</svg>",
    ],
)
def test_documents_that_are_traps_are_refused(document):
    """Entities, document types, other roots, broken XML and bottomless nesting are refused whole."""
    with pytest.raises(Invalid):
        sanitise(document.encode())


@pytest.mark.parametrize(
    "kept",
    [
        '<rect width="9" height="9" fill="#fff" stroke="currentColor" transform="translate(1 2) rotate(45)"/>',
        '<path d="M0 0 C1 1, 2 2, 3 3 Z" stroke-width="1.5" stroke-dasharray="8 9"/>',
        '<text x="1" font-family="Excalifont, Segoe UI Emoji" style="white-space: pre;">a &lt; b &amp; ü</text>',
        '<defs><clipPath id="c"><circle r="4"/></clipPath></defs><g clip-path="url(#c)"/>',
        '<use href="#c"/>',
        '<image href="data:image/png;base64,iVBORw0KGgo=" width="4" height="4"/>',
        "<style>@font-face { font-family: F; src: url(data:font/woff2;base64,d09GMg//x+==) }</style>",
        "<style>.node { fill: #fff } .node &gt; text { font-weight: 600 }</style>",
        '<mask id="m"><rect fill="white"/></mask><g mask="url(#m)" data-node="web" opacity="0.5"/>',
    ],
)
def test_drawings_stay_what_they_are(kept):
    """Shapes, text, fonts and images in place survive: parsed again, the tree is the same."""
    expected = ET.fromstring(f"{OPEN}{kept}</svg>")
    assert ET.tostring(ET.fromstring(clean(kept))) == ET.tostring(expected)


def test_links_are_unwrapped():
    """What a link shows stays; where it leads goes."""
    assert "<g><text>x</text></g>" in clean('<a href="https://example.org"><text>x</text></a>')


def test_cleaning_twice_changes_nothing():
    """The output is a fixed point."""
    once = clean('<g id="a"><text>a &amp; b</text><style>.a { fill: red }</style></g>').encode()
    assert sanitise(once) == once


NAMES = st.sampled_from(
    ["script", "g", "a", "foreignObject", "use", "image", "style", "iframe", "rect", "animate"]
)
KEYS = st.sampled_from(
    ["onclick", "href", "xlink:href", "style", "fill", "id", "src", "data-node", "formaction"]
)
VALUES = st.sampled_from(
    ["javascript:x", "#a", "url(http://x)", "url(#a)", "http://x", "data:text/html,x", "red"]
)
LEAF = st.builds(lambda name, key, value: f'<{name} {key}="{value}"/>', NAMES, KEYS, VALUES)
TREE = st.recursive(
    LEAF,
    lambda inner: st.builds(lambda name, parts: f"<{name}>{''.join(parts)}</{name}>", NAMES, st.lists(inner)),
)


@given(TREE)
def test_only_listed_names_ever_come_out(tree):
    """Whatever goes in, only allowed elements and attributes come out, and no address outside the picture."""
    for element in ET.fromstring(clean(tree)).iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in ELEMENTS
        assert set(element.keys()) <= ATTRIBUTES | {"href"}
        assert "http://x" not in "".join(element.attrib.values())
        assert element.get("href", "#").startswith("#")


@pytest.mark.parametrize(
    ("style", "harmless"),
    [
        ("fill: red", True),
        ("fill: url(#a)", True),
        ("fill: url('#a')", True),
        ("fill: url(\"#a')", False),
        ("fill: url(x.svg#a)", False),
        ("@import 'x'", False),
        ("width: expression(1)", False),
        ("a: \\75rl(x)", False),
        ("background: url(data:image/svg+xml,x)", False),
        ("/* red */ fill: red", True),
        ('content: "/*"; fill: url(http://x); /* */', False),
    ],
)
def test_style_is_judged_by_what_it_could_load(style, harmless):
    """Colours and places inside the picture are fine; whatever could fetch or run is not."""
    assert is_harmless_style(style) is harmless
