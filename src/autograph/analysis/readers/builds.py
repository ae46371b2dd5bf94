"""Build files: Maven, Gradle, npm, .NET projects, Go, Python, PHP, Rust. They say what a module depends on."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from autograph.analysis.facts import Component, Fact, Trait, Use
from autograph.analysis.source_file import SourceFile
from autograph.model.architecture import Kind, Known


@dataclass(frozen=True, slots=True)
class Sign:
    """A dependency whose name says something: a trait ("!name") or the use of a technology."""

    pattern: re.Pattern[str]
    means: str


def _sign(pattern: str, means: str) -> Sign:
    return Sign(re.compile(pattern), means)


_JVM = (
    _sign(r"eureka-server", "!discovery-server"),
    _sign(r"cloud-config-server", "!config-server"),
    _sign(
        r"starter-(netflix-)?eureka(-client)?\b(?!-server)|consul-discovery|discovery-client",
        "!discovery-client",
    ),
    _sign(r"starter-config\b|config-client", "!config-client"),
    _sign(r"starter-(netflix-)?zuul|starter-gateway", "!gateway"),
    _sign(r"starter-turbine-stream|netflix-turbine-stream", "!turbine"),
    _sign(r"hystrix-dashboard", "!hystrix-dashboard"),
    _sign(r"admin-starter-server|spring-boot-admin-server", "!admin-server"),
    _sign(r"admin-starter-client", "!admin-client"),
    _sign(r"oauth2|starter-security|spring-security", "!security"),
    _sign(r"starter-amqp|spring-rabbit\b", "rabbitmq"),
    _sign(r"spring-kafka\b|micronaut-kafka", "kafka"),
    _sign(r"starter-data-redis", "redis"),
    _sign(r"starter-data-mongodb", "mongodb"),
    _sign(r"starter-data-elasticsearch", "elasticsearch"),
    _sign(r"zipkin-server|zipkin-autoconfigure-ui", "!tracing-server"),
    _sign(r"starter-zipkin|sleuth-zipkin|exporter-zipkin|reporter-brave|zipkin-reporter", "zipkin"),
    _sign(r"bus-amqp|hystrix-stream|hystrix-amqp|starter-stream-rabbit|turbine-amqp", "rabbitmq"),
    _sign(r"starter-bus-kafka|starter-stream-kafka", "kafka"),
)
_NODE_FRONTENDS = re.compile(
    r'^\s*"(react|vue|@angular/core|svelte|next|nuxt|preact|solid-js|react-scripts)"\s*:'
)
_PROJECT = re.compile(r"<Project\s[^>]*Sdk=\"([^\"]+)\"")
_PACKAGE = re.compile(r"<PackageReference[^>]*Include=\"([^\"]+)\"")
_NOT_TEST = re.compile(r"test|bench|sample", re.IGNORECASE)
_DEPENDENCY = re.compile(r"<artifactId>\s*([\w.\-]+)\s*</artifactId>|['\"(]([\w.\-]+:[\w.\-]+)[:'\")]")
_MODULE_NAME = re.compile(r"^module\s+(\S+)", re.MULTILINE)
_CARGO_NAME = re.compile(r"^name\s*=\s*\"([^\"]+)\"", re.MULTILINE)


class BuildsReader:
    """Modules and what their dependencies tell; whether they run is told by code and Dockerfiles."""

    name = "builds"

    def wants(self, file: SourceFile) -> bool:
        """The build file of each ecosystem by name."""
        return (
            file.name in {"pom.xml", "package.json", "go.mod", "Cargo.toml", "composer.json", "setup.py"}
            or file.name.startswith(("build.gradle", "requirements"))
            or file.name in {"pyproject.toml", "Pipfile"}
            or file.suffix == ".csproj"
        )

    def read(self, file: SourceFile) -> Iterator[Fact]:
        """The module and the meaning of its dependencies."""
        if file.name == "pom.xml" or file.name.startswith("build.gradle"):
            yield from _jvm(file)
        elif file.name == "package.json":
            yield from _node(file)
        elif file.suffix == ".csproj":
            yield from _dotnet(file)
        else:
            yield from _plain(file)


def _module(
    file: SourceFile, name: str, technology: str, kind: Kind | None = None, *, runs: bool = False
) -> Component:
    place = file.place(1, "build file", Known.DECLARED)
    folder_name = file.folder.rpartition("/")[2]
    aliases = (name,) if name and name != folder_name else ()
    return Component(
        folder_name or name,
        place,
        folder=file.folder,
        kind=kind,
        technology=technology,
        aliases=aliases,
        runnable=runs,
    )


def _jvm(file: SourceFile) -> Iterator[Fact]:
    text = re.sub(
        r"<(dependencyManagement|parent)>.*?</\1>",
        lambda m: "\n" * m.group().count("\n"),
        file.code,
        flags=re.DOTALL,
    )
    own = re.search(r"<artifactId>\s*([\w.\-]+)\s*</artifactId>", text)
    is_parent = (
        re.search(r"<packaging>\s*pom\s*</packaging>|<modules>|^\s*subprojects\s*\{", text, re.MULTILINE)
        is not None
    )
    if is_parent:
        return
    technology = "Kotlin" if "kotlin" in text and "src/main/java" not in text else "Java"
    yield _module(file, own.group(1) if own and file.name == "pom.xml" else "", technology)
    for match in _DEPENDENCY.finditer(text):
        name = (match.group(1) or match.group(2)).rpartition(":")[2]
        place = file.place(text.count("\n", 0, match.start()) + 1, "dependency", Known.DECLARED)
        for sign in _JVM:
            if sign.pattern.search(name):
                yield Trait(sign.means[1:], place) if sign.means.startswith("!") else Use(sign.means, place)


def _node(file: SourceFile) -> Iterator[Fact]:
    try:
        body = json.loads(file.text)
    except (ValueError, RecursionError):
        return
    if not isinstance(body, dict) or "workspaces" in body:
        return
    frontend = any(_NODE_FRONTENDS.match(line) for line in file.text.split("\n"))
    scripts = body.get("scripts")
    runs = isinstance(scripts, dict) and ("start" in scripts or "serve" in scripts or "dev" in scripts)
    name = body.get("name")
    kind = Kind.FRONTEND if frontend else None
    yield _module(
        file, name if isinstance(name, str) else "", "JavaScript" if not frontend else "Web", kind, runs=runs
    )


def _dotnet(file: SourceFile) -> Iterator[Fact]:
    sdk = _PROJECT.search(file.code)
    if sdk is None or _NOT_TEST.search(file.stem) or "Aspire.AppHost" in file.code:
        return
    runs = sdk.group(1).endswith((".Web", ".Worker", ".BlazorWebAssembly"))
    if not runs and "<OutputType>Exe" not in file.code:
        return
    place = file.place(file.line_at(sdk.start()), "project file", Known.DECLARED)
    mobile = "maui" in file.code.lower()
    yield Component(
        file.stem,
        place,
        folder=file.folder,
        kind=Kind.FRONTEND if mobile or "BlazorWebAssembly" in sdk.group(1) else None,
        technology=".NET",
        aliases=(file.folder.rpartition("/")[2],),
        runnable=runs,
    )
    for match, line in file.find(_PACKAGE):
        if match.group(1).startswith(("Yarp.", "Ocelot")):
            yield Trait("gateway", file.place(line, "dependency", Known.DECLARED))


def _plain(file: SourceFile) -> Iterator[Fact]:
    if file.name == "go.mod":
        found = _MODULE_NAME.search(file.text)
        yield _module(file, found.group(1).rpartition("/")[2] if found else "", "Go")
    elif file.name == "Cargo.toml" and "[package]" in file.text:
        found = _CARGO_NAME.search(file.text)
        yield _module(file, found.group(1) if found else "", "Rust")
    elif file.name == "composer.json":
        yield _module(file, "", "PHP")
    elif file.folder and file.name != "Cargo.toml":
        yield _module(file, "", "Python")
