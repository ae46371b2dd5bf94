"""Configuration files: YAML and .properties of applications and configuration repositories, .env, JSON settings."""

import json
import re
from collections.abc import Iterator
from itertools import islice

from autograph.analysis import yaml_lines
from autograph.analysis.facts import Fact, Setting
from autograph.analysis.source_file import SourceFile
from autograph.model.architecture import Known

_PAIR = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][\w.\-\[\]]*)\s*[=:]\s*(.*?)\s*$")
_JSON_NAMES = re.compile(
    r"^(appsettings|ocelot|config|default|production|development|local|yarp)[\w.\-]*\.json$", re.IGNORECASE
)
_NOT_SETTINGS = re.compile(
    r"^(docker-compose|compose|mkdocs|swagger|openapi|_config|pubspec|pnpm|\.)|(messages|gradle|maven-wrapper)",
    re.IGNORECASE,
)
_KUBERNETES = re.compile(r"^(apiVersion|kind):|^services:\s*$|\{\{", re.MULTILINE)
_MOST = 2_000


class PropertiesReader:
    """Every scalar of a configuration file is a setting with a dotted key; the merge decides whose it is."""

    name = "properties"

    def wants(self, file: SourceFile) -> bool:
        """Settings files by suffix, manifests and message catalogues left out."""
        if file.name.startswith(".env") or file.suffix == ".env":
            return True
        if file.suffix == ".json":
            return _JSON_NAMES.match(file.name) is not None
        if file.suffix not in {".yml", ".yaml", ".properties", ".ini", ".toml"} or _NOT_SETTINGS.search(
            file.name
        ):
            return False
        spring = file.name.startswith(("application", "bootstrap"))
        return file.suffix not in {".yml", ".yaml"} or spring or _KUBERNETES.search(file.text) is None

    def read(self, file: SourceFile) -> Iterator[Fact]:
        """Up to 2 000 settings of one file."""
        for key, value, line in islice(_entries(file), _MOST):
            if value:
                yield Setting(key, value, file.place(line, "configuration", Known.CONFIG))


def _entries(file: SourceFile) -> Iterator[tuple[str, str, int]]:
    if file.suffix in {".yml", ".yaml"}:
        for document in yaml_lines.parsed(file):
            for key, value in yaml_lines.flattened(document):
                yield key, str(value), value.line
    elif file.suffix == ".json":
        yield from _json(file)
    else:
        for number, line in enumerate(file.code.split("\n"), start=1):
            match = _PAIR.match(line)
            if match is not None:
                yield match.group(1), match.group(2).strip("\"'"), number


def _json(file: SourceFile) -> Iterator[tuple[str, str, int]]:
    # JSON is YAML to our parser once comments and tabs are gone, and that one knows lines.
    text = re.sub(r",(\s*[}\]])", r"\1", file.code.replace("\t", "  "))
    try:
        json.loads(text)
        documents = yaml_lines.documents(text)
    except ValueError:
        return
    for document in documents:
        for key, value in yaml_lines.flattened(document):
            yield key, str(value), value.line
