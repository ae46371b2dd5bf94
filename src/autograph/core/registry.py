"""Named parts of one kind: formats, readers, alert rules. One shelf is one registry."""

from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from typing import Generic, Protocol, TypeVar

from autograph.core.problem import NotFound


class Named(Protocol):
    """Whatever can stand on a shelf: it says what it is called."""

    @property
    def name(self) -> str:
        """A short, stable, lower-case name."""
        ...


PartT = TypeVar("PartT", bound=Named)


class Registry(Generic[PartT]):
    """Built-in parts of one kind, then those that installed packages add.

    Args:
        kind: Entry-point group, such as ``autograph.export_formats``.
        builtin: The parts that ship with AutoGraph, in the order shown to people.

    Raises:
        ValueError: Two parts bear one name. A part never replaces another silently.
    """

    def __init__(self, kind: str, builtin: Iterable[PartT]) -> None:
        self.kind = kind
        self._parts: dict[str, PartT] = {}
        for part in [*builtin, *(entry.load() for entry in entry_points(group=kind))]:
            if part.name in self._parts:
                raise ValueError(f"{kind}: {part.name!r} is registered twice")
            self._parts[part.name] = part

    def __iter__(self) -> Iterator[PartT]:
        return iter(self._parts.values())

    def __len__(self) -> int:
        return len(self._parts)

    def get(self, name: str) -> PartT:
        """Return the part called `name`, or raise NotFound naming what exists."""
        try:
            return self._parts[name]
        except KeyError:
            raise NotFound(f"no {self.kind} called {name!r}", known=[*self._parts]) from None
