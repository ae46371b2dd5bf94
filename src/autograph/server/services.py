"""What services apart have in common: the secrets by which they know each other."""

import json
import secrets
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from autograph.auth import files

FILE_NAME = "service-secrets.json"
LEAST_CHARACTERS = 32
MOST_SECRETS = 2


class ServicesSettings(BaseModel):
    """How services in processes of their own know each other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secrets: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="Proves to services apart that a call is of this installation; the same in every process, of 32"
        " characters or more (openssl rand -hex 32). Two, separated by a comma, while it is changed: the first signs,"
        " both are believed. Services apart need it in production; in development it is made in the data folder.",
    )

    @field_validator("secrets", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value

    @field_validator("secrets")
    @classmethod
    def _are_strong(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if len(value) > MOST_SECRETS:
            raise ValueError(f"takes {MOST_SECRETS} secrets at most, the new one and the old one")
        if any(len(secret.get_secret_value()) < LEAST_CHARACTERS for secret in value):
            raise ValueError(f"needs {LEAST_CHARACTERS} characters or more (openssl rand -hex 32)")
        return value


def kept_secrets(path: Path) -> tuple[SecretStr, ...]:
    """Return the secrets of a file; make it, mode 0600, when it is not there. Of many processes one makes it.

    Raises:
        ValueError: Others can read it, or it holds no secrets. The message says what to do.
    """
    if not path.exists():
        files.create(path, json.dumps({"secrets": [secrets.token_hex(32)]}))
    text = files.read(path)
    try:
        found = ServicesSettings.model_validate(json.loads(text)).secrets
    except ValueError:
        found = ()
    if not found:
        raise ValueError(f"{path} does not hold secrets: move it away, and start all processes anew")
    return found
