"""The bodies and answers of the documents' routes, as the page's client is generated from them."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autograph.clients.diagrams import FileType, KeptCanvas, KeptModel
from autograph.core.problem import Invalid
from autograph.diagrams.rules import read_json
from autograph.model.architecture import Model

BodyT = TypeVar("BodyT", bound=BaseModel)
LARGEST_INTEGER = 2**31 - 1
"""The largest that PostgreSQL's integer holds."""

Version = Annotated[int, Field(ge=1, le=LARGEST_INTEGER)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewDocument(_Body):
    """A document to create."""

    title: str = Field(description="1 to 200 characters after trimming.")
    file_type: FileType = "mixed"
    canvas: KeptCanvas | None = Field(default=None, description="Excalidraw scene.")
    code: str = Field(default="", description="Mermaid text.")
    note: str = Field(default="", description="Markdown text.")
    model: KeptModel | None = Field(default=None, description="An architecture as AutoGraph reads it.")


class DocumentChanges(_Body):
    """What to save, on top of which version. What is absent stays; `canvas` and `model` go when null."""

    expected_version: Version
    title: str | None = None
    canvas: KeptCanvas | None = None
    code: str | None = None
    note: str | None = None
    model: KeptModel | None = None

    def parts(self) -> dict[str, Any]:
        """The contents that were sent."""
        given = {
            name: getattr(self, name) for name in self.model_fields_set & {"canvas", "code", "note", "model"}
        }
        return {
            name: value for name, value in given.items() if value is not None or name in {"canvas", "model"}
        }


class VersionToRestore(_Body):
    """On top of which version an earlier one is restored."""

    expected_version: Version


class VersionView(BaseModel):
    """One version, without its contents."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    title: str
    author_id: str
    created_at: datetime
    size_bytes: int


class VersionPage(BaseModel):
    """One page of versions, the newest first."""

    items: list[VersionView]
    page: int
    page_size: int
    total: int


class ListQuery(BaseModel):
    """Which documents, in which order."""

    model_config = ConfigDict(extra="forbid")

    page: int = Field(default=1, ge=1, le=100_000)
    page_size: int = Field(default=24, ge=1, le=100)
    q: str = Field(default="", max_length=200, description="Words that the title contains.")
    file_type: FileType | None = None
    sort_by: Literal["updated_at", "created_at", "title"] = "updated_at"
    sort_order: Literal["asc", "desc"] = "desc"


def read_model(kind: type[BodyT], body: bytes) -> BodyT:
    """Return the request body as a `kind`; an architecture in it is checked and filled in: every field is there.

    Raises:
        Malformed: The body is not a JSON object.
        Invalid: Fields are missing, unknown or wrong; `errors` names each.
    """
    value = read_json(body)
    try:
        read = kind.model_validate(value)
    except ValidationError as reason:
        raise invalid(reason) from None
    if value.get("model") is not None:
        try:
            model = Model.model_validate(value["model"])
        except ValidationError as reason:
            raise invalid(reason, "model") from None
        read = read.model_copy(update={"model": model.model_dump(mode="json")})
    return read


def invalid(reason: ValidationError, *inside: str) -> Invalid:
    """Return the problem that names every field that `reason` is about (the first 20)."""
    errors = [
        {"field": ".".join(str(step) for step in (*inside, *error["loc"])) or "body", "message": error["msg"]}
        for error in reason.errors(include_url=False, include_context=False, include_input=False)[:20]
    ]
    return Invalid(f"{errors[0]['field']}: {errors[0]['message']}", errors=errors)
