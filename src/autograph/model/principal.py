"""Who is asking: the identity that the auth service has proven and every service verifies."""

from pydantic import BaseModel, ConfigDict


class Principal(BaseModel):
    """A signed-in person, or a key that acts for one.

    Attributes:
        user_id: UUIDv7 of the account.
        email: Address in lower case.
        name: What people call them.
        roles: Role names such as ``admin`` or ``editor``.
        session_id: UUIDv7 of the session that proved the identity; empty for a key.
        permissions: What the roles allow, for a key no more than its scopes; asked by `model.rights.can`.
        key_id: UUIDv7 of the API key that proved the identity; empty for a session.
    """

    model_config = ConfigDict(frozen=True)

    user_id: str
    email: str
    name: str = ""
    roles: tuple[str, ...] = ()
    session_id: str = ""
    permissions: frozenset[str] = frozenset()
    key_id: str = ""
