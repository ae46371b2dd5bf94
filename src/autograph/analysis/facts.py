"""What readers find: frozen facts, each with the line that proves it. Pure shapes, no reading.

A reader says only what one file says. Who owns a file, which host a name means and what a placeholder
stands for is settled once, for all readers, in `analysis.merge`.
"""

from dataclasses import dataclass

from autograph.model.architecture import Kind, Known


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file (from 1), the rule that noticed it and how strong the proof is."""

    file: str
    line: int
    rule: str
    known: Known = Known.CODE


@dataclass(frozen=True, slots=True)
class Component:
    """Something that runs, or a module that can: a Compose service, a workload, a project.

    `folder` is where its code lives ("" is the root, None is unknown). A `deployed` component is drawn
    as it stands; one that is not deployed is drawn when it is `runnable`.
    `ports` are (port outside, port inside); outside is 0 for ports that are not published.
    """

    name: str
    place: Place
    folder: str | None = None
    kind: Kind | None = None
    technology: str = ""
    image: str = ""
    aliases: tuple[str, ...] = ()
    ports: tuple[tuple[int, int], ...] = ()
    deployed: bool = False
    runnable: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A configuration value. `owner` names a component; when empty the owner of the file is meant.

    `fallback` marks a default written in code: it counts when nothing else sets the key.
    """

    key: str
    value: str
    place: Place
    owner: str = ""
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A call or a route to `target`: a URL, host, service name, or text with `${PLACEHOLDER:default}`.

    `outside` allows a target that is no component of the repository to become an external system.
    """

    target: str
    place: Place
    owner: str = ""
    protocol: str = ""
    label: str = ""
    consumes: bool = False
    outside: bool = False
    kind: Kind | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Code reads the setting `key`: a second proof for an edge that the setting makes."""

    key: str
    place: Place
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """Code or a dependency uses a client of a technology ("redis", "rabbitmq"), wherever that runs."""

    technology: str
    place: Place
    owner: str = ""
    label: str = ""
    consumes: bool = False


@dataclass(frozen=True, slots=True)
class Trait:
    """What the owner of the file is: "discovery-server", "config-client", "gateway" and so on."""

    name: str
    place: Place
    owner: str = ""


Fact = Component | Setting | Reference | Lookup | Use | Trait
