"""Names compared the way people mean them: case, punctuation and role suffixes do not count."""

import re

_SUFFIX = re.compile(r"(microservice|service|svc|server|container|api|app)$")


def plain(name: str) -> str:
    """`name` in lower case with letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def fold(name: str) -> str:
    """`plain` without role suffixes, never empty: "Order_Service" becomes "order"."""
    text = plain(name)
    while True:
        shorter = _SUFFIX.sub("", text)
        if not shorter or shorter == text:
            return text
        text = shorter


def slug(name: str) -> str:
    """An id: lower case, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "node"
