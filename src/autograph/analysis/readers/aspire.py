""".NET Aspire app hosts: projects, containers and databases, and who references whom."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from autograph.analysis.facts import Component, Fact, Reference
from autograph.analysis.source_file import SourceFile
from autograph.model.architecture import Kind, Known

_CREATE = re.compile(
    r"(?:(?:var|[\w<>.?]+)\s+(\w+)\s*=\s*)?(?:await\s+)?(\w+)\s*\."
    r"\s*Add([A-Z]\w*)(?:<(?:Projects\.)?(\w+)>)?\(\s*\"([\w.\-]+)\"([^)]*)"
)
_ALIAS = re.compile(r"(?:var|[\w<>.?]+)\s+(\w+)\s*=\s*(\w+)\s*\.\s*GetEndpoint\(")
_RELATE = re.compile(r"\.\s*(With\w*Reference|WithEnvironment)\s*\(\s*(?:\"([^\"]+)\"\s*,\s*)?(\w+)")
_EXTENSION = re.compile(r"\.\s*([A-Z]\w*)\s*\(([\w\s,]+)\)")
_SUBJECT = re.compile(r"^\s*(\w+)\s*\.")
_IMAGES = {
    "Redis": "redis", "Valkey": "valkey", "Garnet": "redis", "RabbitMQ": "rabbitmq", "Kafka": "kafka", "Nats": "nats",
    "MongoDB": "mongo", "SqlServer": "mssql", "MySql": "mysql", "Elasticsearch": "elasticsearch", "Seq": "seq",
    "Keycloak": "keycloak", "Postgres": "postgres", "PostgreSQL": "postgres", "Oracle": "oracle",
    "AzurePostgresFlexibleServer": "postgres", "AzureSqlServer": "mssql", "AzureServiceBus": "",
    "AzureStorage": "azurite",
}  # fmt: skip
_RUNS = frozenset({"Project", "Container", "Dockerfile", "NpmApp", "NodeApp", "JavaScriptApp", "ViteApp", "PythonApp",
                   "Executable", "Yarp", "UvicornApp", "GolangApp", "SpringApp"})  # fmt: skip


@dataclass(slots=True)
class _Resource:
    name: str
    line: int
    kind: str
    project: str
    image: str
    parent: str


class AspireReader:
    """The `Program.cs` or `AppHost.cs` that builds a distributed application."""

    name = "aspire"

    def wants(self, file: SourceFile) -> bool:
        """C# that makes a distributed application builder."""
        return file.suffix == ".cs" and "DistributedApplication.CreateBuilder" in file.text

    def read(self, file: SourceFile) -> Iterator[Fact]:
        """Resources as components, references between them."""
        resources: dict[str, _Resource] = {}
        aliases: dict[str, str] = {}
        related: list[tuple[_Resource, str, str, int]] = []
        for text, offset in _statements(file.code):
            alias = _ALIAS.search(text)
            if alias is not None:
                aliases[alias.group(1)] = alias.group(2)
            subject = _created(file, text, offset, resources)
            if subject is None:
                named = _SUBJECT.match(text)
                subject = resources.get(named.group(1)) if named is not None else None
            if subject is not None:
                related += _related(file, text, offset, subject)
        yield from _components(file, resources)
        for source, variable, rule, line in related:
            target = resources.get(aliases.get(variable, variable))
            if target is not None and target is not source:
                place = file.place(line, rule, Known.DECLARED)
                yield Reference(target.name, place, owner=source.name, protocol="HTTP")


def _statements(code: str) -> Iterator[tuple[str, int]]:
    start = 0
    for match in re.finditer(r";", code):
        yield code[start : match.start()], start
        start = match.end()


def _created(file: SourceFile, text: str, offset: int, resources: dict[str, _Resource]) -> _Resource | None:
    match = _CREATE.search(text)
    if match is None:
        return None
    variable, parent, kind, project, name, rest = match.groups()
    if kind not in _RUNS and kind != "Database" and kind not in _IMAGES:
        return None
    image = _IMAGES.get(kind, "")
    if kind == "Container":
        found = re.search(r"\"([^\"]+)\"", rest)
        image = found.group(1) if found is not None else ""
    if kind == "Database" and parent in resources:
        image = resources[parent].image
        resources[parent].kind = "server"
    line = file.line_at(offset + match.start(3))
    resource = _Resource(name, line, kind, project or "", image, parent)
    resources[variable or f"#{name}"] = resource
    return resource


def _related(
    file: SourceFile, text: str, offset: int, subject: _Resource
) -> list[tuple[_Resource, str, str, int]]:
    found = []
    for match in _RELATE.finditer(text):
        key = (match.group(2) or "").lower()
        if not any(word in key for word in ("callback", "redirect", "client", "origin")):
            found.append(
                (subject, match.group(3), f"Aspire {match.group(1)}", file.line_at(offset + match.start(1)))
            )
    for match in _EXTENSION.finditer(text):
        if not match.group(1).startswith(("With", "Wait", "Add", "Run", "Publish")):
            line = file.line_at(offset + match.start(1))
            found += [
                (subject, word.strip(), f"Aspire {match.group(1)}", line)
                for word in match.group(2).split(",")
            ]
    return found


def _components(file: SourceFile, resources: dict[str, _Resource]) -> Iterator[Component]:
    for resource in resources.values():
        if resource.kind == "server":
            continue
        project = resource.project.replace("_", ".")
        yield Component(
            name=resource.name,
            place=file.place(resource.line, f"Aspire Add{resource.kind}", Known.DECLARED),
            kind=Kind.GATEWAY if resource.kind == "Yarp" else None,
            technology=".NET" if resource.kind == "Project" else "",
            image=resource.image,
            aliases=(project,) if project else (),
            deployed=True,
        )
