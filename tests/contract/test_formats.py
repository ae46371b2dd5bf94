"""What every export format of the shelf promises: a new format is tested by standing there."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from tests.unit.export.models import models, shop

from autograph.core.problem import NotFound
from autograph.export.formats import FORMATS
from autograph.export.render.mermaid import handle
from autograph.model.architecture import Model

ALL = list(FORMATS)
EACH = pytest.mark.parametrize("form", ALL, ids=[form.name for form in ALL])
SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@EACH
def test_a_format_says_what_it_is(form):
    """Name, ending, content type and version, as callers and caches need them."""
    assert form.name == form.name.lower()
    assert form.extension.startswith(".")
    assert "/" in form.media_type
    assert form.version >= 1


@EACH
@SLOW
@given(model=models())
def test_any_model_can_be_written_twice_the_same(form, model):
    """No model that is well formed fails, and equal models give equal bytes."""
    copy = Model.model_validate_json(model.model_dump_json())
    written = form.write(model, theme="light", core=False)
    assert written
    assert written == form.write(copy, theme="light", core=False)


@EACH
def test_nothing_is_lost_in_any_format(form):
    """Every component's name is in the output."""
    content = form.write(shop(), theme="light", core=False).decode()
    assert [node.name for node in shop().nodes if node.name not in content] == []


def test_an_unknown_format_is_named():
    """A format that does not exist is a clear answer, with those that do."""
    with pytest.raises(NotFound):
        FORMATS.get("visio")


@SLOW
@given(model=models())
def test_json_says_everything(model):
    """Every component, relation, protocol and proof is in the JSON, in order."""
    read = json.loads(FORMATS.get("json").write(model, theme="light", core=False))
    assert [node["id"] for node in read["nodes"]] == [node.id for node in model.nodes]
    told = [
        (edge["from"], edge["to"], edge["protocol"], edge["label"], edge["known"]) for edge in read["edges"]
    ]
    assert told == [(edge.source, edge.target, edge.protocol, edge.label, edge.known) for edge in model.edges]


@SLOW
@given(model=models())
def test_mermaid_is_code_that_parses(model):
    """Whatever the names, the Mermaid that we write is Mermaid that renders."""
    code = FORMATS.get("mermaid").write(model, theme="light", core=False).decode()
    rendered = handle({"code": code, "theme": "light"})
    assert [found for found in rendered["diagnostics"] if found["severity"] == "error"] == []


@SLOW
@given(model=models())
def test_excalidraw_elements_hold_together(model):
    """Ids are unique, arrows are bound to elements that exist and know of them, nothing is embedded."""
    scene = json.loads(FORMATS.get("excalidraw").write(model, theme="light", core=False))
    elements = {element["id"]: element for element in scene["elements"]}
    assert len(elements) == len(scene["elements"])
    assert {element["type"] for element in elements.values()} <= {
        "rectangle",
        "ellipse",
        "text",
        "arrow",
        "line",
        "diamond",
        "image",
    }
    for arrow in (element for element in elements.values() if element["type"] == "arrow"):
        for end in ("startBinding", "endBinding"):
            body = elements[arrow[end]["elementId"]]
            assert {"id": arrow["id"], "type": "arrow"} in body["boundElements"]
