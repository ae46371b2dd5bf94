"""Makes an SVG from an engine harmless: no scripts, no handlers, nothing from elsewhere, no filters."""

import re
from xml.etree import ElementTree as ET

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_DROPPED = frozenset(
    {"script", "foreignObject", "iframe", "object", "embed", "audio", "video", "handler", "filter"}
)
_OUTSIDE = re.compile(r"@import|url\(\s*['\"]?(?!#)|expression\(|image-set\(", re.IGNORECASE)
_DECLARATION = re.compile(r"@import[^;]*;?|[a-z-]+\s*:[^;{}]*url\(\s*['\"]?(?!#)[^;{}]*;?", re.IGNORECASE)
_FILTER = re.compile(r"filter\s*:[^;}]*;?", re.IGNORECASE)
_LINK = re.compile(r"^(#|https?://|mailto:)", re.IGNORECASE)
ET.register_namespace("", _SVG)
ET.register_namespace("xlink", _XLINK)


def harmless(svg: str) -> str:
    """Return `svg` without what could run, reach elsewhere or not be printed.

    Raises:
        ValueError: It is not well-formed.
    """
    try:
        root = ET.fromstring(svg)  # noqa: S314 - written by our own engine; XML entities are not declared
    except ET.ParseError as error:
        raise ValueError(str(error)) from error
    _clean(root)
    return ET.tostring(root, encoding="unicode")


def _clean(element: ET.Element) -> None:
    for child in list(element):
        name = str(child.tag).rpartition("}")[2]
        if name in _DROPPED or not isinstance(child.tag, str):
            _remove(element, child)
        else:
            _clean(child)
    if str(element.tag).endswith("}style") and element.text:
        element.text = _FILTER.sub("", _DECLARATION.sub("", element.text))
    for name, value in list(element.attrib.items()):
        kept = _attribute(name.rpartition("}")[2].lower(), value)
        if kept is None:
            del element.attrib[name]
        else:
            element.attrib[name] = kept


def _attribute(name: str, value: str) -> str | None:
    """The value that may stay, or None."""
    if name.startswith("on") or name == "filter":
        return None
    if name == "href":
        return value if _LINK.match(value.strip()) else None
    if name == "style":
        value = _FILTER.sub("", value)
    return None if _OUTSIDE.search(value) else value


def _remove(parent: ET.Element, child: ET.Element) -> None:
    """Remove `child` and keep the text that follows it."""
    if child.tail:
        place = list(parent).index(child)
        if place:
            before = parent[place - 1]
            before.tail = (before.tail or "") + child.tail
        else:
            parent.text = (parent.text or "") + child.tail
    parent.remove(child)
