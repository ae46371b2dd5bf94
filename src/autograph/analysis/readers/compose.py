"""Docker Compose: services, images, builds, environments, published ports, links and log drivers."""

import re
from collections.abc import Iterator
from posixpath import join, normpath

from autograph.analysis import yaml_lines
from autograph.analysis.facts import Component, Fact, Place, Reference, Setting
from autograph.analysis.source_file import SourceFile
from autograph.analysis.yaml_lines import Text, Value, mapping, scalar, sequence
from autograph.model.architecture import Known

_NAME = re.compile(r"compose|docker-stack|stack\.ya?ml|swarm", re.IGNORECASE)
_SHAPE = re.compile(r"^services:\s*(#.*)?$", re.MULTILINE)
_DEPLOYABLE = re.compile(r"^    ?\s*(image|build):", re.MULTILINE)
_FIELDS = {
    "image",
    "build",
    "command",
    "environment",
    "env_file",
    "ports",
    "extends",
    "depends_on",
    "volumes",
}
_TEST = re.compile(r"(^|[-._])(test|tests|e2e|ci|bench|sut)([-._]|$)")


class ComposeReader:
    """Every Compose file of a repository; the merge joins services of one name."""

    name = "compose"

    def wants(self, file: SourceFile) -> bool:
        """A YAML file named like Compose, or shaped like it."""
        if file.suffix not in {".yml", ".yaml"} or _TEST.search(file.name.lower()):
            return False
        named = _NAME.search(file.name) is not None
        return _SHAPE.search(file.text) is not None and (named or _DEPLOYABLE.search(file.text) is not None)

    def read(self, file: SourceFile) -> Iterator[Fact]:
        """One component per service, its environment as settings, its links as references."""
        for document in yaml_lines.parsed(file):
            for name, body in mapping(mapping(document).get(Text("services"))).items():
                if isinstance(body, dict) and body.keys() & _FIELDS:
                    yield from _service(file, name, body)


def _service(file: SourceFile, name: Text, body: dict[Text, Value]) -> Iterator[Fact]:
    place = file.place(name.line, "compose service", Known.DECLARED)
    build = body.get(Text("build"))
    aliases = [scalar(body.get(Text("container_name"))), scalar(body.get(Text("hostname")))]
    for network in mapping(body.get(Text("networks"))).values():
        aliases += [scalar(alias) for alias in sequence(mapping(network).get(Text("aliases")))]
    yield Component(
        name=str(name),
        place=place,
        folder=None if build is None else _context(file, build),
        image=scalar(body.get(Text("image"))),
        aliases=tuple(alias for alias in aliases if alias),
        ports=tuple(_ports(body)),
        deployed=True,
    )
    for key, value in _pairs(body.get(Text("environment"))):
        yield Setting(key, value, _at(file, value, place), owner=str(name))
    for value in _files(body.get(Text("env_file"))):
        yield Setting(
            "env_file", normpath(join(file.folder, value)), _at(file, value, place), owner=str(name)
        )
    for argument in _words(body.get(Text("command"))) + _words(body.get(Text("entrypoint"))):
        yield Setting("command", argument, _at(file, argument, place), owner=str(name))
    for option, text in mapping(mapping(body.get(Text("logging"))).get(Text("options"))).items():
        if isinstance(text, Text):
            at = file.place(text.line, "compose log driver", Known.CONFIG)
            yield Setting(f"logging.{option}", text, at, owner=str(name))
    for link in sequence(body.get(Text("external_links"))):
        if isinstance(link, Text):
            at = file.place(link.line, "compose external link", Known.DECLARED)
            yield Reference(link.partition(":")[0], at, owner=str(name))


def _at(file: SourceFile, value: str, otherwise: Place) -> Place:
    line = value.line if isinstance(value, Text) else otherwise.line
    return file.place(line, "compose environment", Known.CONFIG)


def _context(file: SourceFile, build: Value) -> str | None:
    context = scalar(build) or scalar(mapping(build).get(Text("context"))) or "."
    if "://" in context or context.startswith(("/", "$")):
        return None
    dockerfile = scalar(mapping(build).get(Text("dockerfile")))
    folder = normpath(join(file.folder, context))
    if "$" in dockerfile:
        return f"{folder}/{dockerfile}".removeprefix("./")
    if "/" in dockerfile and not dockerfile.startswith(("/", "..", "docker/")):
        folder = normpath(join(folder, dockerfile.rpartition("/")[0]))
    return None if folder.startswith("..") else folder.removeprefix(".").removeprefix("/")


def _ports(body: dict[Text, Value]) -> Iterator[tuple[int, int]]:
    for entry in sequence(body.get(Text("ports"))):
        if isinstance(entry, dict):
            numbers = [scalar(entry.get(Text("published"))), scalar(entry.get(Text("target")))]
        else:
            numbers = re.sub(r"\$\{\w+:?-(\d+)\}", r"\1", scalar(entry)).partition("/")[0].split(":")[-2:]
        found = [int(number) for number in numbers if number.isdigit() and len(number) < 6]
        if found:
            yield (found[0] if len(numbers) > 1 else 0, found[-1])
    for entry in sequence(body.get(Text("expose"))):
        if scalar(entry).isdigit() and len(scalar(entry)) < 6:
            yield 0, int(scalar(entry))


def _pairs(value: Value | None) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, child in value.items():
            if isinstance(child, Text):
                yield str(key), Text.at(child, key.line)
    for entry in sequence(value):
        if isinstance(entry, Text) and re.fullmatch(r"\w+", entry):
            yield str(entry), Text.at(f"${{{entry}}}", entry.line)
        if isinstance(entry, Text) and "=" in entry:
            name, _, text = entry.partition("=")
            yield name.strip(), Text.at(text.strip().strip("\"'"), entry.line)


def _files(value: Value | None) -> list[Text]:
    entries = [value] if isinstance(value, Text) else sequence(value)
    return [entry for entry in entries if isinstance(entry, Text)]


def _words(value: Value | None) -> list[Text]:
    if isinstance(value, Text):
        return [Text.at(word, value.line) for word in value.split()[:200]]
    return [entry for entry in sequence(value) if isinstance(entry, Text)]
