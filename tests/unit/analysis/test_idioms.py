"""Each folder of fixtures/repos is an idiom: `repo/` is read, `edges.txt` is the whole truth about it."""

from pathlib import Path

import pytest

from autograph.analysis.read import read_repository
from autograph.model.architecture import Model

IDIOMS = sorted(path.parent for path in (Path(__file__).parents[2] / "fixtures/repos").glob("*/edges.txt"))


def told(model: Model) -> list[str]:
    """A model's edges as lines of text."""
    names = {node.id: node.name.lower() if node.kind == "user" else node.name for node in model.nodes}
    return sorted(
        f"{names[e.source]} -> {names[e.target]} {e.protocol} {e.known.value}{' consumes' if e.consumes else ''}"
        for e in model.edges
    )


@pytest.mark.feature("sources.code")
@pytest.mark.feature("sources.languages")
@pytest.mark.feature("sources.infrastructure")
@pytest.mark.parametrize("idiom", IDIOMS, ids=lambda path: path.name)
def test_an_idiom_gives_exactly_the_edges_that_its_files_prove(idiom):
    """No edge is missing and none is drawn that nothing says."""
    model = read_repository(idiom / "repo", title=idiom.name)

    assert told(model) == sorted((idiom / "edges.txt").read_text().splitlines())


@pytest.mark.parametrize("idiom", IDIOMS, ids=lambda path: path.name)
def test_every_edge_quotes_the_line_that_proves_it(idiom):
    """The snippet is what the file says around the line, and the rule is named."""
    for edge in read_repository(idiom / "repo", title="").edges:
        assert edge.evidence
        for one in edge.evidence:
            lines = (idiom / "repo" / one.file).read_text().split("\n")
            assert one.snippet.split("\n")[one.snippet_line - 1] == lines[one.line - 1].rstrip()
            assert one.rule


def test_what_cannot_be_proven_is_listed_with_its_line():
    """A host that nothing declares is unresolved, not drawn."""
    model = read_repository(next(path for path in IDIOMS if path.name == "unresolved") / "repo", title="")

    assert [
        (one.source, one.reference, one.evidence.file, one.evidence.line) for one in model.unresolved
    ] == [("reports", "http://warehouse:8080", "reports/app.py", 3)]
