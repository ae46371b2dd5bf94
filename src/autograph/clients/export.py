"""Caller of the export service: an architecture or Mermaid code becomes text or a picture."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from autograph.clients.identity import IDENTITY_HEADER
from autograph.clients.transport import Transport

RENDER_PATH = "/api/export/render"

Theme = Literal["light", "dark"]


class Diagnostic(BaseModel):
    """A remark on Mermaid code; lines and columns count from 1."""

    model_config = ConfigDict(frozen=True)

    message: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


class Rendering(BaseModel):
    """What a rendering gave: `svg` for pictures, `text` for every other format."""

    model_config = ConfigDict(frozen=True)

    svg: str | None = None
    text: str | None = None
    diagnostics: list[Diagnostic] = []


class ExportClient:
    """Typed calls to export on behalf of the person whose identity assertion is given."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def render(
        self,
        *,
        identity: str,
        model: dict[str, Any] | None = None,
        code: str | None = None,
        format: str = "svg",  # noqa: A002 - the field's own name on the wire
        theme: Theme = "light",
        core: bool = False,
    ) -> Rendering:
        """Render exactly one of `model` and Mermaid `code`.

        Args:
            identity: The caller's assertion.
            model: An architecture as JSON.
            code: Mermaid text.
            format: A name of export's shelf, such as ``svg``, ``mermaid``, ``json`` or ``excalidraw``.
            theme: Colours of the picture.
            core: Leave people, load generators and infrastructure out.

        Raises:
            Invalid: The code does not parse (slug ``diagram-syntax``) or took too long (``render-timeout``).
        """
        body: dict[str, Any] = {"format": format, "theme": theme, "core": core}
        if model is not None:
            body["model"] = model
        if code is not None:
            body["code"] = code
        reply = await self._transport.request(
            "POST", RENDER_PATH, headers={IDENTITY_HEADER: identity}, json=body
        )
        return Rendering.model_validate_json(reply.body)
