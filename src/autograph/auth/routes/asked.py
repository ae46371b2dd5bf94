"""What every route of auth needs: who asks, and bodies that are not believed."""

from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from autograph.core.problem import Forbidden
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


def _person(asker: Asker) -> Principal:
    """Somebody at a keyboard: a key neither changes nor ends what its owner signs in with."""
    if asker.key_id:
        raise Forbidden("An API key may not do this. Sign in.")
    return asker


Human = Annotated[Principal, Depends(_person)]
