"""The model as a Mermaid flowchart: groups as subgraphs, shapes by kind, lines by how they are known."""

import re

from autograph.export.drawing.fonts import printable
from autograph.export.drawing.palette import ThemeName
from autograph.export.drawing.relations import Relation, relations_of, sound_nodes
from autograph.model.architecture import Kind, Known, Model, Node

_SHAPES: dict[Kind, tuple[str, str]] = {
    Kind.USER: ("([", "])"),
    Kind.LOADGEN: ("([", "])"),
    Kind.QUEUE: ("([", "])"),
    Kind.GATEWAY: ("{{", "}}"),
    Kind.DATABASE: ("[(", ")]"),
    Kind.CACHE: ("[(", ")]"),
    Kind.STORAGE: ("[(", ")]"),
    Kind.EXTERNAL: ("[[", "]]"),
}
_PLAIN = ("[", "]")
_LONGEST = 200
_KEEP = re.compile(r"[^\w .,:/()+-]", re.UNICODE)


class MermaidFormat:
    """Flowchart text that parses whatever the names are."""

    name = "mermaid"
    media_type = "text/vnd.mermaid"
    extension = ".mmd"
    version = 1
    drawn = False

    def write(self, model: Model, *, theme: ThemeName, core: bool) -> bytes:  # noqa: ARG002 - no colours here
        """Return the flowchart, with a comment that carries the title."""
        shown = model.core() if core else model
        nodes = sound_nodes(shown)
        ids = {node_id: f"n{number}" for number, node_id in enumerate(nodes)}
        lines = ["flowchart LR", f"    %% {_comment(shown.title)}"]
        lines += _grouped(list(nodes.values()), ids)
        lines += [_link(relation, ids) for relation in relations_of(shown, nodes)]
        return ("\n".join(lines) + "\n").encode()


def quoted(text: str) -> str:
    """Return `text` as a quoted label: everything with a meaning of its own becomes a numeric entity."""
    clean = printable(text)[:_LONGEST] or "?"
    return '"' + _KEEP.sub(lambda found: f"#{ord(found.group())};", clean) + '"'


def _comment(text: str) -> str:
    return re.sub(r"[^\w .,:-]", " ", printable(text))[:_LONGEST]


def _grouped(nodes: list[Node], ids: dict[str, str]) -> list[str]:
    """Declarations of all nodes, inside the subgraphs of their groups."""
    tree: dict[str, list[Node]] = {}
    for node in nodes:
        steps = node.group.split("/") if node.group else []
        for depth in range(len(steps) + 1):
            tree.setdefault("/".join(steps[:depth]), [])
        tree[node.group].append(node)
    numbers = {path: f"g{number}" for number, path in enumerate(tree)}
    return _subgraph("", tree, numbers, ids, 1) if tree else []


def _subgraph(
    path: str, tree: dict[str, list[Node]], numbers: dict[str, str], ids: dict[str, str], depth: int
) -> list[str]:
    indent = "    " * depth
    lines = [indent + _declaration(node, ids[node.id]) for node in tree.get(path, [])]
    prefix = f"{path}/" if path else ""
    for inner in tree:
        direct = inner and inner.startswith(prefix) and "/" not in inner[len(prefix) :] and inner != path
        if direct:
            lines.append(f"{indent}subgraph {numbers[inner]} [{quoted(inner.rpartition('/')[2])}]")
            lines += _subgraph(inner, tree, numbers, ids, depth + 1)
            lines.append(f"{indent}end")
    return lines


def _declaration(node: Node, name: str) -> str:
    before, after = _SHAPES.get(node.kind, _PLAIN)
    return f"{name}{before}{quoted(node.name or node.id)}{after}"


def _link(relation: Relation, ids: dict[str, str]) -> str:
    """A guess is dotted, a trace thick; both heads when it goes both ways."""
    arrow = "-.->" if relation.known is Known.INFERRED else "==>" if relation.known is Known.TRACE else "-->"
    if relation.mutual:
        arrow = "<" + arrow
    label = f"|{quoted(relation.label)}|" if relation.label else ""
    return f"    {ids[relation.source]} {arrow}{label} {ids[relation.target]}"
