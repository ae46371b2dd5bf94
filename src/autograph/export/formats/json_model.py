"""The model as plain JSON: nodes, edges, what proves them, and what could not be resolved or read."""

import json
from typing import Any

from autograph.export.drawing.palette import ThemeName
from autograph.model.architecture import Edge, Evidence, Model, Node


class JsonFormat:
    """JSON for other programs. Edges carry `from` and `to`; the initiator comes first."""

    name = "json"
    media_type = "application/json"
    extension = ".json"
    version = 1
    drawn = False

    def write(self, model: Model, *, theme: ThemeName, core: bool) -> bytes:  # noqa: ARG002 - no colours here
        """Return the document, indented, with a newline at its end."""
        shown = model.core() if core else model
        document = {
            "title": shown.title,
            "revision": shown.revision,
            "nodes": [_node(node) for node in shown.nodes],
            "edges": [_edge(edge) for edge in shown.edges],
            "unresolved": [
                {
                    "source": item.source,
                    "reference": item.reference,
                    "reason": item.reason,
                    "evidence": _evidence(item.evidence),
                }
                for item in shown.unresolved
            ],
            "skipped": [{"file": item.file, "reason": item.reason} for item in shown.skipped],
        }
        return (json.dumps(document, ensure_ascii=True, indent=1) + "\n").encode()


def _node(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "name": node.name,
        "kind": node.kind,
        "technology": node.technology,
        "group": node.group,
        "evidence": [_evidence(item) for item in node.evidence],
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "from": edge.source,
        "to": edge.target,
        "label": edge.label,
        "protocol": edge.protocol,
        "consumes": edge.consumes,
        "known": edge.known,
        "evidence": [_evidence(item) for item in edge.evidence],
    }


def _evidence(item: Evidence) -> dict[str, Any]:
    return {
        "file": item.file,
        "line": item.line,
        "snippet": item.snippet,
        "snippet_line": item.snippet_line,
        "rule": item.rule,
        "known": item.known,
    }
