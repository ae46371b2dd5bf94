"""Components become parts: what Compose, manifests, build files and code say of one thing, joined."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from posixpath import normpath

from autograph.analysis import technologies
from autograph.analysis.facts import Component, Fact, Place, Setting, Trait
from autograph.analysis.merge.names import fold, plain, slug
from autograph.model.architecture import Kind

_WORKLOAD_SUFFIXES = {"deployment", "deploy", "dep", "statefulset", "daemonset", "pod"}
HELM = "Helm template"
_PORT_KEYS = {"serverport", "micronautserverport", "quarkushttpport"}
_PROXY_NAMES = {
    "apache-proxy": "Apache server",
    "nginx-proxy": "nginx",
    "haproxy-proxy": "HAProxy",
    "caddy-proxy": "Caddy",
}
_APPLICATION_NAME = {"springapplicationname", "micronautapplicationname", "quarkusapplicationname"}


@dataclass(eq=False, slots=True)
class Part:
    """One thing under construction; it becomes a node when something draws it."""

    name: str
    places: list[Place] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    ports: set[tuple[int, int]] = field(default_factory=set)
    traits: dict[str, Place] = field(default_factory=dict)
    trait_places: dict[str, list[Place]] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)
    kind: Kind | None = None
    language: str = ""
    deployed: bool = False
    runnable: bool = False
    external: bool = False
    names: set[str] = field(default_factory=set)

    @property
    def technology(self) -> technologies.Technology | None:
        """The product this part is, when it is no code of the repository."""
        for image in self.images:
            based = image.startswith("base:")
            found = technologies.of_image(image.removeprefix("base:"))
            if found is not None and not (self.language and (based or found.kind is Kind.GATEWAY)):
                return found
        own = self.language or (self.traits.keys() & {"main"})
        return None if own else technologies.of_name(self.name)

    def add(self, component: Component) -> None:
        """Take in what one component fact says."""
        self.places.append(component.place)
        self.names.add(component.name)
        self.aliases.update([component.name, *(a for a in component.aliases if not a.startswith("label:"))])
        self.labels.update(alias for alias in component.aliases if alias.startswith("label:"))
        self.ports.update(component.ports)
        if component.folder is not None:
            self.folders.add(component.folder)
        if component.image:
            self.images.append(component.image)
        self.kind = self.kind or component.kind
        self.language = self.language or component.technology
        self.deployed |= component.deployed
        self.runnable |= component.runnable

    def absorb(self, other: "Part") -> None:
        """Take in all of another part."""
        self.places += other.places
        self.images += other.images
        self.folders |= other.folders
        self.aliases |= other.aliases
        self.names |= other.names
        self.labels |= other.labels
        self.ports |= other.ports
        self.traits = {**other.traits, **self.traits}
        self.kind = self.kind or other.kind
        self.language = self.language or other.language
        self.deployed |= other.deployed
        self.runnable |= other.runnable


class Parts:
    """All parts, found by name, by folder and by port."""

    def __init__(self, facts: list[Fact]) -> None:
        self._components = [fact for fact in facts if isinstance(fact, Component)]
        self._all = _deployed(_located(facts))
        modules = _modules(facts)
        _standalone_proxies(facts, modules)
        application_names = _application_names(facts, list(modules))
        for folder, module in modules.items():
            names = application_names.get(folder, [])
            module.aliases.update(names)
            home = _home(module, folder, names, self._all)
            if home is None:
                module.name = names[0] if names else module.name
                self._all.append(module)
            else:
                home.absorb(module)
                home.name = names[0] if names else home.name
        _attach_services(facts, self._all)
        self._folders = self._folder_owners()
        self._index()
        self._listen(facts)
        for trait in (fact for fact in facts if isinstance(fact, Trait)):
            owner = self.owner(trait.place.file, trait.owner)
            if owner is not None:
                owner.traits.setdefault(trait.name, trait.place)
                owner.trait_places.setdefault(trait.name, []).append(trait.place)
        self._index()

    def __iter__(self) -> Iterator[Part]:
        return iter(self._all)

    def components(self) -> list[Component]:
        """The component facts that the parts were made of."""
        return self._components

    def _folder_owners(self) -> dict[str, Part]:
        owners: dict[str, Part] = {}
        roots = [part for part in self._all if part.deployed and "" in part.folders]
        for part in roots if len(roots) > 1 else ():
            part.folders.discard("")
        for part in sorted(self._all, key=lambda p: (not p.deployed, p.name)):
            for folder in part.folders:
                rival = owners.get(folder)
                last = fold(folder.rpartition("/")[2])
                if rival is None or (fold(part.name) == last and fold(rival.name) != last):
                    owners[folder] = part
        return owners

    def _listen(self, facts: list[Fact]) -> None:
        for setting in (
            fact for fact in facts if isinstance(fact, Setting) and plain(fact.key) in _PORT_KEYS
        ):
            owner = self.owner(setting.place.file, setting.owner) if not setting.owner else None
            number = re.search(r"(\d{2,5})\}?$", setting.value)
            if owner is not None and number is not None:
                owner.ports.add((0, int(number.group(1))))

    def _index(self) -> None:
        self._exact: dict[str, list[Part]] = defaultdict(list)
        self._folded: dict[str, list[Part]] = defaultdict(list)
        for part in self._all:
            for alias in {part.name, *part.aliases}:
                if part not in self._exact[plain(alias)]:
                    self._exact[plain(alias)].append(part)
                if part not in self._folded[fold(alias)]:
                    self._folded[fold(alias)].append(part)

    def keep(self, kept: Iterable[Part]) -> None:
        """Forget all parts but these."""
        chosen = set(map(id, kept))
        self._all = [part for part in self._all if id(part) in chosen]
        self._folders = {folder: part for folder, part in self._folders.items() if id(part) in chosen}
        self._index()

    def new(self, name: str, kind: Kind, place: Place, image: str = "") -> Part:
        """Add a part that no component fact named, such as an outside system."""
        part = Part(name, [place], aliases={name}, kind=kind, images=[image] if image else [])
        part.external = kind is Kind.EXTERNAL
        self._all.append(part)
        self._index()
        return part

    def owner(self, file: str, named: str = "") -> Part | None:
        """The part a fact speaks for: the named one, or the one whose folder holds the file most closely."""
        if named.startswith("technology:"):
            return self.of_technology(named.partition(":")[2])
        if named:
            return self.named(named)
        folder = file
        while folder:
            folder = folder.rpartition("/")[0]
            if folder in self._folders:
                return self._folders[folder]
        return None

    def named(self, name: str, *, exact: bool = False) -> Part | None:
        """The only part of this name, or None."""
        found = self._exact.get(plain(name), [])
        best = [part for part in found if plain(part.name) == plain(name)] or found
        if len(best) == 1:
            return best[0]
        folded = [] if exact or best else self._folded.get(fold(name), [])
        return folded[0] if len(folded) == 1 else None

    def at_port(self, port: int) -> Part | None:
        """The only part that is reached at this port from outside."""
        found = [p for p in self._all if any(outer == port for outer, _ in p.ports)]
        found = found or [p for p in self._all if any(inner == port for _, inner in p.ports)]
        return found[0] if len(found) == 1 else None

    def of_technology(self, key: str) -> Part | None:
        """The only part that is this product."""
        found = [part for part in self._all if (known := part.technology) is not None and known.key == key]
        return found[0] if len(found) == 1 else None

    def with_trait(self, *names: str) -> list[Part]:
        """The parts that have one of these traits."""
        return [part for part in self._all if part.traits.keys() & set(names)]


def environment_files(facts: Iterable[Fact]) -> list[Setting]:
    """The settings of `.env` files beside Compose files: variables for those, settings of nobody."""
    folders = {f.place.file.rpartition("/")[0] for f in facts if isinstance(f, Component) and f.deployed}
    return [
        fact
        for fact in facts
        if isinstance(fact, Setting)
        and fact.place.file.rpartition("/")[2] == ".env"
        and fact.place.file.rpartition("/")[0] in folders
    ]


def _located(facts: list[Fact]) -> list[Fact]:
    """The facts with variables in build folders filled in from `.env`."""
    variables = {setting.key: setting.value for setting in environment_files(facts)}
    return [
        replace(fact, folder=_folder(fact.folder, variables))
        if isinstance(fact, Component) and fact.folder is not None and "$" in fact.folder
        else fact
        for fact in facts
    ]


def _folder(text: str, variables: dict[str, str]) -> str | None:
    known = re.sub(r"\$\{?(\w+)\}?", lambda match: variables.get(match.group(1), match.group()), text)
    path = normpath(known)
    return None if "$" in path or path.startswith("..") else path.rpartition("/")[0]


def _deployed(facts: list[Fact]) -> list[Part]:
    found: list[Part] = []
    components = [fact for fact in facts if isinstance(fact, Component) and fact.deployed]
    plainly = any(component.place.rule != HELM for component in components)
    for component in sorted(components, key=lambda c: c.place.rule == HELM):
        same = [part for part in found if plain(component.name) in {plain(name) for name in part.names}]
        if not same:
            same = [
                part
                for part in found
                if fold(component.name) in {fold(name) for name in part.names}
                and component.place.file not in {place.file for place in part.places}
            ]
        if len(same) == 1:
            same[0].add(component)
        elif not (plainly and component.place.rule == HELM):
            part = Part(component.name)
            part.add(component)
            found.append(part)
    return found


def _modules(facts: list[Fact]) -> dict[str, Part]:
    found: dict[str, Part] = {}
    mains = [fact.place.file for fact in facts if isinstance(fact, Trait) and fact.name == "main"]
    for component in (
        f for f in facts if isinstance(f, Component) and not f.deployed and f.folder is not None
    ):
        folder = component.folder or ""
        part = found.setdefault(folder, Part(component.name))
        part.add(component)
    folders = sorted(found, key=len, reverse=True)
    for main in mains:
        home = next((f for f in folders if not f or main.startswith(f + "/")), None)
        if home is not None:
            found[home].traits.setdefault("main", Place(main, 1, "main"))
    return found


def _standalone_proxies(facts: list[Fact], modules: dict[str, Part]) -> None:
    """A folder with proxy routes that belongs to no module is a proxy itself."""
    built = {
        fact.folder
        for fact in facts
        if isinstance(fact, Component) and fact.deployed and fact.folder is not None
    }
    homes = {folder for folder in {*modules, *built} if folder}
    for trait in (fact for fact in facts if isinstance(fact, Trait) and fact.name in _PROXY_NAMES):
        folder = trait.place.file.rpartition("/")[0]
        if folder and folder not in modules and not any(_nested(folder, home) for home in homes if home):
            part = modules[folder] = Part(_PROXY_NAMES[trait.name], [trait.place], {folder})
            part.aliases.add(part.name)
            part.traits[trait.name] = trait.place


def _application_names(facts: list[Fact], folders: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    deepest = sorted(folders, key=len, reverse=True)
    for fact in facts:
        if (
            isinstance(fact, Setting)
            and plain(fact.key) in _APPLICATION_NAME
            and re.fullmatch(r"[\w.\-]+", fact.value)
        ):
            home = next((f for f in deepest if not f or fact.place.file.startswith(f + "/")), None)
            if home is not None and fact.place.file.rpartition("/")[2].startswith(
                ("application", "bootstrap")
            ):
                found[home].append(fact.value)
    return found


def _home(module: Part, folder: str, names: list[str], deployed: list[Part]) -> Part | None:
    built = [p for p in deployed if any(_same_project(f, folder) for f in p.folders)]
    if built:
        last = fold(folder.rpartition("/")[2])
        return next((p for p in built if fold(p.name) == last), built[0])
    candidates = [folder.rpartition("/")[2], *names, *sorted(module.aliases)]
    for test in (plain, fold):
        wanted = {test(name) for name in candidates if name}
        same = [
            p
            for p in deployed
            if wanted & {test(name) for name in [*p.aliases, *p.names, *map(_image_name, p.images)] if name}
        ]
        if len(same) == 1 and (not same[0].folders or any(_nested(folder, f) for f in same[0].folders)):
            return same[0]
    return None


def _nested(one: str, other: str) -> bool:
    return one == other or one.startswith(other + "/") or other.startswith(one + "/")


def _same_project(context: str, folder: str) -> bool:
    if context == folder:
        return True
    tail = context.removeprefix(folder + "/")
    return (
        bool(folder)
        and tail != context
        and tail in {"target", "build", "docker", "build/libs", "src/main/docker"}
    )


def _image_name(image: str) -> str:
    return "" if image.startswith("base:") else image.rpartition("/")[2].partition(":")[0]


def _attach_services(facts: list[Fact], parts: list[Part]) -> None:
    for service in (f for f in facts if isinstance(f, Component) and not f.deployed and f.folder is None):
        wanted = {alias for alias in service.aliases if alias.startswith("label:")}
        matching = [part for part in parts if wanted and wanted <= part.labels]
        matching = matching or [part for part in parts if plain(part.name) == plain(service.name)]
        for part in matching[:1]:
            part.aliases.add(service.name)
            part.ports.update(service.ports)
            if plain(part.name).removeprefix(plain(service.name)) in _WORKLOAD_SUFFIXES:
                part.name = service.name


def unique_id(name: str, taken: set[str]) -> str:
    """A slug of `name` that is not taken yet; it is taken afterwards."""
    base = slug(name)
    number, result = 1, base
    while result in taken:
        number += 1
        result = f"{base}-{number}"
    taken.add(result)
    return result
