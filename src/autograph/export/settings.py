"""What an installation may choose about drawing and export."""

from pydantic import BaseModel, ConfigDict, Field


class ExportSettings(BaseModel):
    """Settings of the export service; the environment names are ``AUTOGRAPH_EXPORT__<NAME>``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    drawing_processes: int = Field(
        default=1, ge=1, le=64, description="Processes that lay out and draw architectures at the same time."
    )
    mermaid_processes: int = Field(
        default=1, ge=1, le=64, description="Processes that render Mermaid at the same time."
    )
    drawing_seconds: float = Field(
        default=30.0, gt=0, le=600, description="Seconds that drawing one architecture may take."
    )
    mermaid_seconds: float = Field(
        default=5.0, gt=0, le=120, description="Seconds that rendering one Mermaid diagram may take."
    )
    mermaid_memory_bytes: int = Field(
        default=2 << 30,
        ge=512 << 20,
        description="Address space of a Mermaid process in bytes, where the system can limit it.",
    )
    idle_seconds: float = Field(
        default=60.0, gt=0, le=86_400, description="Seconds without work after which a drawing process ends."
    )
    largest_cached_bytes: int = Field(
        default=4 << 20,
        ge=0,
        le=1 << 30,
        description="Bytes of the largest finished drawing that is kept in the cache.",
    )
    largest_body_bytes: int = Field(
        default=16 << 20,
        ge=1 << 10,
        le=256 << 20,
        description="Bytes of a model or code sent to be rendered.",
    )
    largest_model_parts: int = Field(
        default=10_000, ge=10, le=1_000_000, description="Components and relations of a model that is drawn."
    )
