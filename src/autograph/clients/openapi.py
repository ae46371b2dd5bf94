"""How our services describe themselves: problem answers, and bodies that a handler reads by itself.

The TypeScript client is generated from these descriptions, so that a route without its problems or
its body would be a route that the page cannot use well.
"""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue, models_json_schema
from pydantic_core import CoreSchema
from pydantic_core.core_schema import definitions_schema

from autograph.core.problem import MEDIA_TYPE, Invalid, Problem

_REFERENCE = "#/components/schemas/{model}"


class DescribedAs:
    """For `Annotated`: a plain JSON object that the description shows as `shape`.

    Contents pass through us as they are kept, without being parsed and written again; their readers are
    told nevertheless what they hold.
    """

    def __init__(self, shape: type[BaseModel]) -> None:
        self._shape = shape

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Refer to the shape by its name, as a field of that type would."""
        return handler(definitions_schema(self._shape.__pydantic_core_schema__, []))


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str
    message: str


class ProblemDocument(BaseModel):
    """An error that a client is meant to read (RFC 9457); some kinds carry further members."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Stable name: urn:autograph:problem: and a slug.")
    title: str
    status: int
    detail: str
    instance: str
    correlation_id: str | None = None
    errors: list[FieldError] | None = Field(default=None, description="Which fields are wrong.")


def answers(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` argument of a route that may raise these `problems`."""
    told: dict[int | str, dict[str, Any]] = {}
    for problem in problems:
        line = f"`{problem.slug}`: {problem.title}"
        if problem.status in told:
            told[problem.status]["description"] += f" {line}"
        else:
            content = {MEDIA_TYPE: {"schema": _reference(ProblemDocument)}}
            told[problem.status] = {"description": line, "content": content}
    return told


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """Return the `openapi_extra` argument of a route whose handler reads a body of this `model` itself."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _reference(model)}}}}


def describe(app: FastAPI, models: Iterable[type[BaseModel]] = ()) -> None:
    """Let `app.openapi()` also hold the problem document and these body `models`."""
    generate = app.openapi
    wanted = [(model, "validation") for model in [ProblemDocument, *models]]

    def openapi() -> dict[str, Any]:
        document = generate()
        _, definitions = models_json_schema(wanted, ref_template=_REFERENCE)  # type: ignore[arg-type]
        known = document.setdefault("components", {}).setdefault("schemas", {})
        known.update(
            definitions["$defs"]
        )  # the same words in every service, where the framework leaves some out
        _tell_invalid(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _tell_invalid(document: dict[str, Any]) -> None:
    """Say what a call that is not valid is answered with wherever the framework says what it would have answered."""
    framework = _REFERENCE.format(model="HTTPValidationError")
    for calls in document.get("paths", {}).values():
        for call in calls.values():
            found = call["responses"].get("422", {}).get("content", {}).get("application/json", {})
            if found.get("schema", {}).get("$ref") == framework:
                call["responses"]["422"] = answers(Invalid)[Invalid.status]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=model.__name__)}
