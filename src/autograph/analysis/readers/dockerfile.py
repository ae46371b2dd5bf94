"""Dockerfiles: that a folder can be run, from what image, with what environment and port."""

import re
from collections.abc import Iterator

from autograph.analysis.facts import Component, Fact, Setting
from autograph.analysis.source_file import SourceFile
from autograph.model.architecture import Known

_FROM = re.compile(r"^\s*FROM\s+(?:--\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE | re.MULTILINE)
_ENV = re.compile(r"^\s*ENV\s+((?:[^\n\\]|\\\n|\\.)+)", re.IGNORECASE | re.MULTILINE)
_PAIR = re.compile(r"([A-Za-z_]\w*)=(\"[^\"\n]*\"|\S+)")
_EXPOSE = re.compile(r"^\s*EXPOSE\s+(\d{2,5})", re.IGNORECASE | re.MULTILINE)
_WRAPPERS = frozenset({"docker", "target", "build", "deploy", "src", "main", "app"})


class DockerfileReader:
    """The last stage's image says what the folder runs on."""

    name = "dockerfile"

    def wants(self, file: SourceFile) -> bool:
        """Files called Dockerfile, with any suffix."""
        return file.name.lower().startswith(("dockerfile", "containerfile")) or file.name.endswith(
            ".dockerfile"
        )

    def read(self, file: SourceFile) -> Iterator[Fact]:
        """The folder as a component and its ENV lines as settings."""
        images = [(match.group(1), line) for match, line in file.find(_FROM)]
        if not images:
            return
        folder = _project(file.folder)
        stages = {match.group(2) for match, _ in file.find(_FROM) if match.group(2)}
        base = next((image for image, _ in reversed(images) if image not in stages), images[-1][0])
        place = file.place(images[-1][1], "Dockerfile", Known.DECLARED)
        yield Component(
            name=folder.rpartition("/")[2],
            place=place,
            folder=folder,
            image=f"base:{base}",
            ports=tuple((0, int(match.group(1))) for match, _ in file.find(_EXPOSE)),
            runnable=True,
        )
        for match, line in file.find(_ENV):
            yield from _settings(file, match, line)


def _project(folder: str) -> str:
    parts = folder.split("/")
    while len(parts) > 1 and parts[-1].lower() in _WRAPPERS:
        parts.pop()
    return "/".join(parts)


def _settings(file: SourceFile, match: re.Match[str], line: int) -> Iterator[Setting]:
    body = match.group(1)
    first = body.split(None, 1)
    if len(first) == 2 and "=" not in first[0]:
        yield Setting(first[0], first[1].strip(), file.place(line, "Dockerfile ENV", Known.CONFIG))
        return
    for pair in _PAIR.finditer(body):
        at = line + body.count("\n", 0, pair.start())
        yield Setting(pair.group(1), pair.group(2).strip('"'), file.place(at, "Dockerfile ENV", Known.CONFIG))
