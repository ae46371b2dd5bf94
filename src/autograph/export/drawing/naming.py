"""Shown names: what most components' names share is said once in the header and left off the cards."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from autograph.export.drawing.fonts import printable
from autograph.model.architecture import Kind, Node

_PREFIX = re.compile(r"^[A-Za-z0-9]+[-_.]")
_SUFFIX = re.compile(r"[-_.](service|svc)$", re.IGNORECASE)
_MOST = 0.8
_ENOUGH = 8


@dataclass(frozen=True, slots=True)
class Names:
    """`shown` is by node id; `note` says what was left off, or is empty."""

    shown: dict[str, str]
    note: str


def shown_names(nodes: Mapping[str, Node]) -> Names:
    """Shorten names by the prefix and suffix that at least 80 % of the services share (from 8 on)."""
    full = {node_id: printable(node.name) or printable(node_id) or "?" for node_id, node in nodes.items()}
    services = [full[i] for i, node in nodes.items() if node.kind in {Kind.SERVICE, Kind.AUTH}]
    if len(services) < _ENOUGH:
        return Names(full, "")
    prefix = _shared(Counter(m.group(0) for name in services if (m := _PREFIX.match(name))), len(services))
    suffix = _shared(Counter(m.group(0) for name in services if (m := _SUFFIX.search(name))), len(services))
    short = {node_id: _cut(name, prefix, suffix) for node_id, name in full.items()}
    if not (prefix or suffix) or len(set(short.values())) < len(set(full.values())):
        return Names(full, "")
    return Names(short, f"names shortened: {prefix}…{suffix}")


def _shared(counted: Counter[str], total: int) -> str:
    if not counted:
        return ""
    affix, times = counted.most_common(1)[0]
    return affix if times >= _MOST * total else ""


def _cut(name: str, prefix: str, suffix: str) -> str:
    if prefix and name.startswith(prefix) and len(name) > len(prefix) + 1:
        name = name[len(prefix) :]
    if suffix and name.endswith(suffix) and len(name) > len(suffix):
        name = name[: -len(suffix)]
    return name


def first_part(name: str) -> str:
    """The first word of a name such as ``order-api`` or ``orderApi``: what related components often share."""
    return re.split(r"[-_. /]|(?<=[a-z])(?=[A-Z0-9])", name, maxsplit=1)[0].lower() or name.lower()
