"""API keys: one's own, and for administrators anybody's."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from autograph.auth.api_keys import ApiKeys, TooManyKeys
from autograph.auth.rights import BeyondOwnRights
from autograph.auth.routes.asked import Body, Human, Identity, Text
from autograph.auth.store.api_keys import ApiKey
from autograph.clients.asked import permitted
from autograph.clients.openapi import answers
from autograph.core.problem import Forbidden, Invalid, NotFound, Unauthenticated
from autograph.model.principal import Principal
from autograph.model.rights import Permission, demand

router = APIRouter(tags=["api keys"])

Scope = Literal["read", "write", "admin"]


class NewApiKey(Body):
    """What a key is called, what it may do at most, and for how long."""

    name: Text
    scopes: list[Scope] = Field(min_length=1, max_length=10)
    expires_in_days: int | None = Field(
        default=None, ge=1, le=3650, description="Left out for a key that does not end by itself."
    )


class ApiKeyView(BaseModel):
    """A key, without what it is made of."""

    id: str
    name: str
    prefix: str = Field(description="How it begins.")
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")
    last_address: str


class MadeApiKey(ApiKeyView):
    """A new key, whole: it is never shown again."""

    key: str


class ApiKeyList(BaseModel):
    """Keys that were not revoked, the newest first."""

    items: list[ApiKeyView]


def _api_keys(request: Request) -> ApiKeys:
    api_keys: ApiKeys = request.app.state.api_keys
    return api_keys


Keys = Annotated[ApiKeys, Depends(_api_keys)]
Manager = Annotated[Principal, Depends(permitted(Permission.PEOPLE_MANAGE))]


@router.post(
    "/api/auth/api-keys",
    operation_id="make_api_key",
    status_code=201,
    responses=answers(Unauthenticated, Forbidden, TooManyKeys, Invalid),
)
async def make_api_key(body: NewApiKey, asker: Human, keys: Keys, response: Response) -> MadeApiKey:
    """Make an API key for oneself. The answer alone holds it whole."""
    demand(asker, Permission.KEYS_MAKE)
    made, text = await keys.make(asker, body.name, frozenset(body.scopes), body.expires_in_days)
    response.headers["Cache-Control"] = "no-store"
    return MadeApiKey(**_view(made).model_dump(), key=text)


@router.get("/api/auth/api-keys", operation_id="list_api_keys", responses=answers(Unauthenticated, Forbidden))
async def list_api_keys(asker: Human, keys: Keys) -> ApiKeyList:
    """My API keys."""
    return ApiKeyList(items=[_view(key) for key in await keys.listed(asker.user_id)])


@router.delete(
    "/api/auth/api-keys/{key_id}",
    operation_id="revoke_api_key",
    status_code=204,
    responses=answers(Unauthenticated, Forbidden, NotFound, Invalid),
)
async def revoke_api_key(key_id: Identity, asker: Human, keys: Keys) -> None:
    """Make one of my API keys worth nothing."""
    await keys.revoke(asker, asker.user_id, key_id)


@router.get(
    "/api/auth/admin/users/{user_id}/api-keys",
    operation_id="list_api_keys_of_user",
    responses=answers(Unauthenticated, Forbidden, NotFound, Invalid),
)
async def list_api_keys_of_user(user_id: Identity, _asker: Manager, keys: Keys) -> ApiKeyList:
    """The API keys of anybody."""
    return ApiKeyList(items=[_view(key) for key in await keys.listed_for_administrator(user_id)])


@router.delete(
    "/api/auth/admin/users/{user_id}/api-keys/{key_id}",
    operation_id="revoke_api_key_of_user",
    status_code=204,
    responses=answers(Unauthenticated, Forbidden, BeyondOwnRights, NotFound, Invalid),
)
async def revoke_api_key_of_user(user_id: Identity, key_id: Identity, asker: Manager, keys: Keys) -> None:
    """Make anybody's API key worth nothing. A key cannot do this to its owner's."""
    if asker.key_id and asker.user_id == user_id:
        raise Forbidden("An API key may not do this to its owner's keys. Sign in.")
    await keys.revoke(asker, user_id, key_id)


def _view(key: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        scopes=list(key.scopes),
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        last_address=key.last_address,
    )
