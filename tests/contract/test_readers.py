"""Every reader on the shelf, and reading as a whole, holds for any text in any file name."""

import re
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograph.analysis.facts import Fact
from autograph.analysis.merge import merge
from autograph.analysis.readers import shelf
from autograph.analysis.source_file import SourceFile
from autograph.analysis.yaml_lines import BrokenYamlError
from autograph.model.architecture import Model

NAMES = [
    "docker-compose.yml", "Dockerfile", ".env", "application.yml", "bootstrap.properties", "pom.xml", "build.gradle",
    "package.json", "App.csproj", "go.mod", "Cargo.toml", "requirements.txt", "nginx.conf", "App.java", "main.py",
    "index.ts", "main.go", "Program.cs", "index.php", "main.rs", "deploy.yaml", "appsettings.json", "prometheus.yml",
    "charts/a/templates/d.yaml", "envoy.yaml",
]  # fmt: skip
PIECES = [
    "services:\n", "  api:\n    image: redis\n", "    environment: {A_HOST: db, B: ${A_HOST:x}}\n", "apiVersion: v1\n",
    "kind: Deployment\n", "metadata: {name: a}\n", "{{ .Values.x }}", "FROM nginx\n", "ENV A=b \\\n C=d\n",
    '@FeignClient(name = "db")\n', "@EnableZuulProxy\n", "import redis\n", "http://db:5432/x", "'", '"', "`", "/*",
    "${", "}", "${A:${B:${A}}}", "proxy_pass http://$X:1;\n", "<artifactId>eureka-server</artifactId>",
    'var x = builder.AddRedis("r");', "DistributedApplication.CreateBuilder();", "&a [*a]", "A_URL=http://a:1\n", "\t",
    "jdbc:mysql://localhost:3306/x", "targets: ['a:1']\nscrape_configs:\n", "process.env.A_URL || 'http://db'",
]  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.text(st.sampled_from(string.printable), max_size=200),
    st.text(max_size=60),
)


def read(files: dict[str, str]) -> Model:
    """Run every reader and the merge, as reading a folder does."""
    facts: list[Fact] = []
    for path, text in sorted(files.items()):
        file = SourceFile(path, text)
        for reader in shelf():
            if reader.wants(file):
                try:
                    facts.extend(reader.read(file))
                except BrokenYamlError:
                    continue
    return merge(facts, title="t", texts=files, skipped=[])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*NAMES, *(f"api/{n}" for n in NAMES)]), TEXTS, max_size=6))
def test_reading_is_total_and_deterministic(files):
    """Any text in any known file gives a valid model, and the same one again; every edge has evidence."""
    model = read(files)

    assert model == read(files)
    ids = [node.id for node in model.nodes]
    assert len(ids) == len(set(ids))
    assert all(edge.source in ids and edge.target in ids and edge.evidence for edge in model.edges)
    assert Model.model_validate_json(model.model_dump_json()) == model


@pytest.mark.parametrize("reader", list(shelf()), ids=lambda reader: reader.name)
def test_a_reader_has_a_name_and_leaves_foreign_files_alone(reader):
    """Names are short and lower case; a picture or a text for people interests no reader."""
    assert re.fullmatch(r"[a-z][a-z\-]+", reader.name)
    assert not reader.wants(SourceFile("README.md", "services:\n  a:\n    image: x\n"))


@pytest.mark.parametrize("reader", list(shelf()), ids=lambda reader: reader.name)
def test_facts_stand_on_lines_that_exist(reader):
    """A fact names its own file and one of its lines."""
    text = "".join(PIECES)
    for name in NAMES:
        file = SourceFile(name, text)
        if reader.wants(file):
            try:
                facts = list(reader.read(file))
            except BrokenYamlError:
                continue
            assert all(f.place.file == name and 1 <= f.place.line <= text.count("\n") + 1 for f in facts)
