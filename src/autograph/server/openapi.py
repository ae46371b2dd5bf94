"""The HTTP interface of all services as one OpenAPI document."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from autograph import __version__
from autograph.gateway.health import PATHS as HEALTH_PATHS
from autograph.gateway.health import Healthy
from autograph.gateway.routes import is_public
from autograph.server.settings import SERVICES, Settings
from autograph.server.wiring import opened

_HEALTH = {
    "get": {
        "operationId": "health",
        "summary": "Health",
        "description": "Whether the program answers; asks nothing of what it depends on.",
        "tags": ["gateway"],
        "responses": {
            "200": {
                "description": "It does.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Healthy"}}},
            }
        },
    }
}
"""What the gateway answers by itself, without a framework that would describe it."""
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def openapi_document() -> dict[str, Any]:
    """Merge what every service says of itself; internal calls are left out.

    Raises:
        ValueError: Two services use one name for different shapes.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), database_url=f"sqlite:///{folder}/openapi.db")
        return asyncio.run(_merged(settings))


async def _merged(settings: Settings) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    async with opened(settings, ("gateway", *SERVICES)) as (house, _app):
        for app in house.apps.values():
            assert isinstance(app, FastAPI)
            document = app.openapi()
            public = {
                path: calls for path, calls in document["paths"].items() if not path.startswith("/internal")
            }
            paths.update(public)
            for name, schema in document.get("components", {}).get("schemas", {}).items():
                if schemas.setdefault(name, schema) != schema:
                    raise ValueError(f"two services describe {name!r} differently")
    paths["/health"] = _HEALTH
    schemas[Healthy.__name__] = Healthy.model_json_schema()
    _say_what_answers_hold(paths, schemas)
    for path, operations in paths.items():
        for method in _METHODS:
            if method in operations and (path in HEALTH_PATHS or is_public(method.upper(), path)):
                operations[method]["security"] = []
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AutoGraph",
            "version": __version__,
            "description": "Sign in with a session cookie, a bearer token or an API key; errors are RFC 9457 "
            "problems.",
        },
        "security": [{"session": []}, {"bearer": []}, {"key": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "autograph"},
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


def _say_what_answers_hold(paths: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Mark every field of what is only ever answered as present: defaults may be left out of requests alone."""
    operations = [call for calls in paths.values() for name, call in calls.items() if name in _METHODS]
    asked = _reached([call.get("requestBody") for call in operations], schemas)
    answered = _reached([call["responses"] for call in operations], schemas)
    for name in answered - asked - {"ProblemDocument"}:
        if "properties" in schemas[name]:
            schemas[name]["required"] = sorted(schemas[name]["properties"])


def _reached(content: Any, schemas: dict[str, Any]) -> set[str]:
    """Names of the schemas that `content` refers to, directly or through others."""
    found: set[str] = set()
    waiting = [content]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name in schemas and name not in found:
                found.add(name)
                waiting.append(schemas[name])
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return found
