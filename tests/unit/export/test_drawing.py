"""Tests of the picture: nothing lost, nothing on top of anything, the same bytes every time, nothing that runs."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from tests.unit.export.models import NAMES, fixture_model, models, shop

from autograph.export.draw import draw_model
from autograph.export.drawing.compose import compose
from autograph.export.drawing.engine import LayoutFailed
from autograph.export.drawing.gates import inspect
from autograph.export.drawing.thumbnail import write_thumbnail
from autograph.model.architecture import Edge, Kind, Known, Model, Node

SVG = "{http://www.w3.org/2000/svg}"
SLOW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def parsed(content: bytes) -> ET.Element:
    """The picture as XML."""
    return ET.fromstring(content)


def texts(content: bytes) -> str:
    """All text of the picture."""
    return " ".join("".join(element.itertext()) for element in parsed(content).iter(f"{SVG}text"))


@pytest.mark.parametrize("name", NAMES)
def test_every_gate_is_zero_on_the_fixtures(name):
    """No overlap, no line through a card, no text too long, no relation or component lost."""
    assert inspect(compose(fixture_model(name))).gates.failing() == {}


@SLOW
@given(models())
def test_every_gate_is_zero_on_anything(model):
    """Whatever the model: the picture may be plain, but it is never wrong."""
    assert inspect(compose(model)).gates.failing() == {}


def test_a_dense_store_keeps_what_it_talks_to_on_its_card():
    """The lid of a store moves what stands on it down, but never off the card."""
    kinds = {"app": Kind.USER, "db": Kind.DATABASE, "settings": Kind.CONFIG, "person": Kind.USER}
    nodes = tuple(Node(id=name, name="", kind=kind) for name, kind in kinds.items())
    ends = [("app", "db"), ("db", "settings"), ("app", "person")]
    edges = tuple(Edge(source=source, target=target, known=Known.TRACE) for source, target in ends)
    model = Model(title="", nodes=nodes, edges=edges)

    assert inspect(compose(model)).gates.failing() == {}


@pytest.mark.feature("export.svg")
@SLOW
@given(models())
def test_any_model_makes_sound_harmless_svg(model):
    """Odd names are text and nothing else: the result is XML without scripts, links or outside addresses."""
    content = draw_model(model)
    root = parsed(content)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert not tags & {"script", "foreignObject", "image", "a", "use", "iframe"}
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert "javascript:" not in value
            assert name == "xmlns" or "://" not in value or name.startswith("data-")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_equal_models_give_equal_bytes(theme):
    """Drawn twice, also from another copy of the model: the same file to the byte."""
    copy = Model.model_validate_json(shop().model_dump_json())
    assert draw_model(shop(), theme=theme) == draw_model(copy, theme=theme)


def test_light_and_dark_differ_in_colours_only():
    """Both themes have the same geometry."""
    light, dark = (
        re.sub(rb"#[0-9A-Fa-f]{6}\b", b"#", draw_model(shop(), theme=theme)) for theme in ("light", "dark")
    )
    strip = re.compile(rb'(?:fill|stroke)(?:-opacity)?="[^"]*"')
    assert strip.sub(b"", light) == strip.sub(b"", dark)


def test_every_component_can_be_selected():
    """Each component and each relation has its identity in the picture, for the page to find it."""
    model = shop()
    root = parsed(draw_model(model))
    nodes = {element.get("data-node") for element in root.iter() if element.get("data-node")}
    assert nodes == {node.id for node in model.nodes}
    edges = {element.get("data-edge") for element in root.iter() if element.get("data-edge")}
    indices = {int(index) for edge in edges for index in edge.rpartition("|")[2].split(",")}
    assert indices <= set(range(len(model.edges)))
    assert len(indices) >= len(model.edges) - 2  # what is folded into a badge is reached by its card


def test_a_private_store_is_a_drawer_and_infrastructure_a_band():
    """A store of one owner is part of its owner's card, a shared one stands alone; config servers are below."""
    scene = compose(shop())
    drawers = {piece.other.id for card in scene.cards for piece in card.drawers}
    assert drawers == {"orders-db"}
    cards = {card.node.id for card in scene.cards}
    assert "cache" in cards
    bands = [frame for frame in scene.frames if frame.band]
    config = next(card for card in scene.cards if card.node.id == "config")
    assert any(band.rect.contains(config.rect.centre) for band in bands)


def test_core_leaves_people_and_infrastructure_out():
    """With `core` only what does the work is drawn."""
    shown = texts(draw_model(shop(), core=True))
    assert "orders" in shown
    assert "config" not in shown
    assert "user" not in shown


def test_nothing_to_draw_is_a_picture_that_says_so():
    """An empty model gives a picture with its title, not an error."""
    content = draw_model(Model(title="Nothing here"))
    assert "Nothing here" in texts(content)
    assert inspect(compose(Model(title=""))).gates.forbidden == 0


def test_hundreds_of_components_stay_readable():
    """A model far beyond one flow is drawn as an atlas; every gate still holds."""
    nodes = tuple(Node(id=f"s{n}", name=f"service-{n}", group=f"team-{n // 12}") for n in range(120))
    edges = tuple(
        Edge(source=f"s{n}", target=f"s{(n * 7 + 3) % 120}", protocol="HTTP")
        for n in range(120)
        if n != (n * 7 + 3) % 120
    )
    report = inspect(compose(Model(title="Large", nodes=nodes, edges=edges)))
    assert report.gates.failing() == {}


def test_one_hub_does_not_break_the_picture():
    """Sixty callers of one service: lines are named instead of drawn where they would be too many."""
    nodes = (Node(id="hub", name="hub"), *(Node(id=f"s{n}", name=f"caller {n}") for n in range(60)))
    edges = tuple(Edge(source=f"s{n}", target="hub") for n in range(60))
    assert inspect(compose(Model(title="Hub", nodes=nodes, edges=edges))).gates.failing() == {}


@SLOW
@given(models())
def test_thumbnails_are_small_and_sound(model):
    """A thumbnail of any model is XML of at most 256 px width, without ids."""
    root = parsed(write_thumbnail(compose(model)).encode())
    assert float(root.get("width")) <= 256
    assert not [element for element in root.iter() if element.get("data-node")]


def test_long_names_are_cut_where_they_end():
    """A name of 300 characters is shortened with an ellipsis inside its card."""
    model = Model(title="Long", nodes=(Node(id="a", name="x" * 300, kind=Kind.SERVICE),))
    assert "…" in texts(draw_model(model))
    assert inspect(compose(model)).gates.failing() == {}


def microservices(count: int) -> Model:
    """Services that each keep a store named after themselves and ask the same infrastructure: tiles and badges."""
    shared = (("config", Kind.CONFIG), ("discovery", Kind.DISCOVERY), ("traces", Kind.OBSERVABILITY))
    nodes = [Node(id=name, name=name, kind=kind) for name, kind in shared]
    edges = []
    for n in range(count):
        nodes += [
            Node(id=f"part{n}", name=f"part{n}-service"),
            Node(id=f"db{n}", name=f"part{n}-db", kind=Kind.DATABASE, technology="mongodb"),
        ]
        edges.append(Edge(source=f"part{n}", target=f"db{n}"))
        edges.append(Edge(source=f"part{n}", target=f"part{(n * 5 + 2) % count}", protocol="HTTP"))
        edges += [Edge(source=f"part{n}", target=name) for name, _ in shared]
    return Model(title="Parts", nodes=tuple(nodes), edges=tuple(edges))


def test_a_store_and_infrastructure_stand_side_by_side_on_a_dense_card():
    """In an atlas a card with a store's tile and three badges has them beside each other."""
    scene = compose(microservices(48))
    assert any(card.tiles and len(card.badges) == 3 for card in scene.cards)
    assert inspect(scene).gates.failing() == {}


@pytest.mark.parametrize(
    "model", [*map(fixture_model, NAMES), microservices(9), shop()], ids=lambda m: m.title
)
def test_without_the_layout_engine_a_picture_is_plain_but_not_wrong(model, monkeypatch):
    """The engine throws on every graph: cards stand in rows, all relations are named, every gate holds."""

    class Throwing:
        def lay_out(self, graph):
            raise LayoutFailed("no layout today")

    monkeypatch.setattr("autograph.export.drawing.flow.engine", Throwing)
    scene = compose(model)
    assert not scene.lines
    assert inspect(scene).gates.failing() == {}
