"""What every route of auth needs: who asks, and bodies that are not believed."""

from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from autograph.model.principal import Principal

# Longer text than any rule allows is not even looked at; the rules say what is wrong with the rest.
Text = Annotated[str, StringConstraints(max_length=1_000)]
Secret = Annotated[str, StringConstraints(max_length=8_192)]
Identity = Annotated[str, Path(max_length=64)]


class Body(BaseModel):
    """What is sent; a field too many is refused."""

    model_config = ConfigDict(extra="forbid")


async def _principal(request: Request) -> Principal:
    principal: Principal = await request.app.state.verifier.of(request.headers.raw)
    return principal


Asker = Annotated[Principal, Depends(_principal)]
