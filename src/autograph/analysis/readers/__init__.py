"""The shelf of readers: one file for each kind of source. A new one is a file and a line here."""

from collections.abc import Iterable
from typing import Protocol

from autograph.analysis.facts import Fact
from autograph.analysis.source_file import SourceFile
from autograph.core.registry import Registry


class Reader(Protocol):
    """Reads facts out of the files it knows. It never sees two files at once and never raises for odd input.

    `yaml_lines.BrokenYamlError` is the one exception: it makes the file appear among the skipped.
    """

    @property
    def name(self) -> str:
        """A short, stable, lower-case name."""
        ...

    def wants(self, file: SourceFile) -> bool:
        """Whether this file may hold something for this reader; cheap."""
        ...

    def read(self, file: SourceFile) -> Iterable[Fact]:
        """The facts that this file states."""
        ...


def shelf() -> Registry[Reader]:
    """Every reader, the built-in ones first, then those of entry points `autograph.repository_readers`."""
    from autograph.analysis.readers import (  # noqa: PLC0415 (the parts import this module's protocol)
        aspire,
        builds,
        compose,
        csharp,
        dockerfile,
        golang,
        java,
        javascript,
        kubernetes,
        other_languages,
        properties,
        proxies,
        python,
    )

    return Registry[Reader](
        "autograph.repository_readers",
        [
            compose.ComposeReader(),
            kubernetes.KubernetesReader(),
            dockerfile.DockerfileReader(),
            properties.PropertiesReader(),
            builds.BuildsReader(),
            proxies.ProxiesReader(),
            java.JavaReader(),
            python.PythonReader(),
            javascript.JavaScriptReader(),
            golang.GoReader(),
            aspire.AspireReader(),
            csharp.CSharpReader(),
            other_languages.OtherLanguagesReader(),
        ],
    )
