"""What every route of auth needs: who asks, and bodies that are not believed."""

from typing import Annotated

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from autograph.auth.factors.second import SecondFactorFirst, is_missing
from autograph.core.problem import Forbidden
from autograph.model.principal import Principal

# Longer text than any rule allows is not even looked at; the rules say what is wrong with the rest.
Text = Annotated[str, StringConstraints(max_length=1_000)]
Secret = Annotated[str, StringConstraints(max_length=8_192)]
SecondCode = Annotated[
    str,
    StringConstraints(max_length=64),
    Field(description="Of the app, or a backup code; empty for whoever just signed in with a second factor."),
]
Identity = Annotated[str, Path(max_length=64)]


class Body(BaseModel):
    """What is sent; a field too many is refused."""

    model_config = ConfigDict(extra="forbid")


async def _principal(request: Request) -> Principal:
    principal: Principal = await request.app.state.verifier.of(request.headers.raw)
    return principal


Newcomer = Annotated[Principal, Depends(_principal)]


async def _settled(asker: Newcomer, request: Request) -> Principal:
    """Somebody who has every factor that is wanted."""
    state = request.app.state
    if state.parts.settings.mfa == "required" and not asker.key_id:
        _, session = await state.accounts.me(asker)
        if session is not None and is_missing(state.parts.settings, session.methods):
            raise SecondFactorFirst
    return asker


Asker = Annotated[Principal, Depends(_settled)]


def _at_a_keyboard(asker: Principal) -> Principal:
    """A key neither changes nor ends what its owner signs in with."""
    if asker.key_id:
        raise Forbidden("An API key may not do this. Sign in.")
    return asker


def _person(asker: Asker) -> Principal:
    return _at_a_keyboard(asker)


def _new_person(asker: Newcomer) -> Principal:
    return _at_a_keyboard(asker)


Human = Annotated[Principal, Depends(_person)]
NewHuman = Annotated[Principal, Depends(_new_person)]
"""A human who may lack the second factor that is wanted of everybody: to set it up, or to leave."""
