"""What auth takes and answers, as it travels."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from autograph.auth.routes.asked import Body, Secret, Text
from autograph.auth.rules import Person, Session
from autograph.auth.store.factors import Method


class NewAccount(Body):
    """Who wants an account. Roles are never asked for: they are given."""

    email: Text
    name: Text
    password: Text


class Registration(NewAccount):
    """Who wants an account, and the invitation by which they come."""

    invitation: Secret | None = Field(
        default=None, description="What stands behind the # of the link. Its role and team are given."
    )


class FirstRunCheck(Body):
    """A code to ask about."""

    code: Annotated[str, StringConstraints(max_length=64)]


class FirstRun(NewAccount):
    """The first administrator, and the code of the link that was printed at start."""

    code: Annotated[str, StringConstraints(max_length=64)]


class Login(Body):
    """E-mail address and password; `cookie` asks for a session cookie in place of tokens."""

    email: Text
    password: Text
    remember_me: bool = False
    cookie: bool = False


class Refresh(Body):
    """A refresh token, good for one use."""

    refresh_token: Secret


class Credential(Body):
    """A session cookie's value or an access token; exactly one of them."""

    cookie: Secret | None = None
    bearer: Secret | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "Credential":
        if (self.cookie is None) == (self.bearer is None):
            raise ValueError("give either a cookie or a bearer token")
        return self


class User(BaseModel):
    """An account as others may see it."""

    id: str
    email: str
    name: str
    roles: list[str]


class Account(User):
    """One's own account."""

    created_at: datetime
    permissions: list[str]


class SessionView(BaseModel):
    """One's own session."""

    id: str
    created_at: datetime
    expires_at: datetime
    last_seen_at: datetime
    address: str
    user_agent: str
    methods: list[str]
    is_current: bool


class Registered(BaseModel):
    """A new account."""

    user: User


class Asked(BaseModel):
    """What was asked for is under way; whether there is such an account is not told."""

    must_verify: bool = Field(description="Whether a mail has to be answered before the first sign-in.")


class SecondStepView(BaseModel):
    """The password was right; a second factor opens the session."""

    mfa_required: Literal[True] = True
    mfa_token: str = Field(description="To be sent with the second factor; good once.")
    methods: list[Method] = Field(
        description="What may be shown; when empty a second factor must be set up first, with this token."
    )
    expires_in: int = Field(description="Seconds for which the token is good.")


class Tokens(BaseModel):
    """Who signed in; the tokens are left out when a cookie was asked for."""

    user: User
    access_token: str | None = None
    token_type: Literal["Bearer"] | None = None
    expires_in: int | None = Field(default=None, description="Seconds for which the access token is good.")
    refresh_token: str | None = None


class Me(BaseModel):
    """Who I am, and by which session."""

    user: Account
    session: SessionView | None = Field(description="None for an API key.")
    mfa_setup_required: bool = Field(
        description="Whether a second factor must be set up before this session may do anything else."
    )


class FirstRunState(BaseModel):
    """Whether an administrator is needed."""

    needed: bool
    registration: Literal["open", "invited", "closed"] = Field(description="Who may make an account.")


class KeySet(BaseModel):
    """Public signing keys (RFC 7517)."""

    keys: list[dict[str, str]]


def user_view(person: Person) -> User:
    """Return an account as others may see it."""
    return User(id=person.id, email=person.email, name=person.name, roles=list(person.roles))


def account_view(person: Person, permissions: Iterable[str]) -> Account:
    """Return an account as its owner sees it."""
    return Account(
        **user_view(person).model_dump(), created_at=person.created_at, permissions=sorted(permissions)
    )


def session_view(session: Session, *, current: str) -> SessionView:
    """Return a session; `current` is the id of the one that asks."""
    return SessionView(
        id=session.id,
        created_at=session.created_at,
        expires_at=session.expires_at,
        last_seen_at=session.last_seen_at,
        address=session.address,
        user_agent=session.user_agent,
        methods=session.methods.split(),
        is_current=session.id == current,
    )
