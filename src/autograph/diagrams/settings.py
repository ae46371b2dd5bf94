"""What an installation may choose about documents."""

from pydantic import BaseModel, ConfigDict, Field

MIB = 1024 * 1024


class DiagramsSettings(BaseModel):
    """Settings of the diagrams service; the environment names are ``AUTOGRAPH_DIAGRAMS__<NAME>``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    largest_document_bytes: int = Field(
        default=25 * MIB, ge=64 * 1024, le=200 * MIB, description="Largest save that is taken, in bytes."
    )
    largest_picture_bytes: int = Field(
        default=4 * MIB,
        ge=64 * 1024,
        le=25 * MIB,
        description="Largest picture of a canvas that is taken, in bytes.",
    )
