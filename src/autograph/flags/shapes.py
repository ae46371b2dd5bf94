"""What travels to and from the flags service beside flags themselves."""

from pydantic import BaseModel, ConfigDict, Field

from autograph.model.flags import Flag, Resolution


class FlagChanges(BaseModel):
    """New rules of a flag; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    expected_version: int = Field(
        ge=0, description="Version that the change was made on; 0 when nobody set it yet."
    )
    description: str = Field(default="", max_length=300)
    on: bool | float | str = True
    off: bool | float | str = False
    enabled: bool = True
    percentage: float = Field(default=100.0, ge=0, le=100)
    allow: tuple[str, ...] = Field(default=(), max_length=1000)
    deny: tuple[str, ...] = Field(default=(), max_length=1000)
    environments: tuple[str, ...] = Field(default=(), max_length=20)


class FlagList(BaseModel):
    """Every flag."""

    items: list[Flag]


class Resolved(BaseModel):
    """What every flag says for whoever asks."""

    flags: dict[str, Resolution]
