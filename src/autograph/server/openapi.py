"""The HTTP interface of all services as one OpenAPI document."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from autograph import __version__
from autograph.gateway.routes import is_public
from autograph.server.settings import SERVICES, Settings
from autograph.server.wiring import opened

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
    for path, operations in paths.items():
        for method in _METHODS:
            if method in operations and is_public(method.upper(), path):
                operations[method]["security"] = []
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AutoGraph",
            "version": __version__,
            "description": "Sign in with a session cookie or a bearer token; errors are RFC 9457 problems.",
        },
        "security": [{"session": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "autograph"},
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    }
