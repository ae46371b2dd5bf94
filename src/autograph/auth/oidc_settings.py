"""What an installation sets about an OpenID provider: who it is, who we are to it, and how far it is believed."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from autograph.clients.auth import LOOPBACK
from autograph.model.rights import VIEWER

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""How a provider is called in addresses: small letters, digits and hyphens."""


def is_safe(url: str) -> bool:
    """Whether secrets may travel to this address: over https, or within this machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    )


class OidcSettings(BaseModel):
    """One provider; a member of the JSON object ``AUTOGRAPH_AUTH__OIDC``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(description="Address of the provider, as it calls itself.", max_length=255)
    client_id: str = Field(min_length=1, description="What AutoGraph is called there.")
    client_secret: SecretStr = Field(
        default=SecretStr(""), description="AutoGraph's password there; empty for a public client."
    )
    name: str = Field(
        default="", max_length=60, description="What the sign-in page calls it; its slug when empty."
    )
    scopes: tuple[str, ...] = Field(
        default=("openid", "profile", "email"), description="What is asked for; openid always is."
    )
    groups_claim: str = Field(
        default="groups",
        min_length=1,
        description="Claim that lists somebody's groups; dots lead inside, as in realm_access.roles.",
    )
    roles: dict[str, str] = Field(
        default_factory=dict,
        description="Role for each group. When set, everybody has the roles of their groups from each sign-in on, "
        "and no others.",
    )
    default_role: str = Field(
        default=VIEWER,
        description="Role of a new account, or with `roles` of those in none of these groups. "
        "When empty, `roles` alone lets people in.",
    )
    allow_new: bool = Field(
        default=False,
        description="Whether somebody without an account gets one at the first sign-in. With a provider that "
        "everybody may use set AUTOGRAPH_AUTH__ALLOWED_DOMAINS, too.",
    )
    link_by_email: bool = Field(
        default=False,
        description="Whether somebody gets the account that has their address already, if the provider has verified "
        "it. It then may open every account. Needs AUTOGRAPH_AUTH__VERIFICATION=required.",
    )
    emails_are_verified: bool = Field(
        default=False,
        description="Whether addresses count as verified when the provider says nothing about it.",
    )
    second_factor: Literal["here", "there"] = Field(
        default="here",
        description="Whether a second factor is asked for here as after a password, or the provider does that.",
    )

    @field_validator("issuer")
    @classmethod
    def _is_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if not is_safe(value) or parts.query or parts.fragment or parts.username:
            raise ValueError("an issuer is an https address without a query (http on this machine only)")
        return value

    @field_validator("scopes")
    @classmethod
    def _has_openid(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return value if "openid" in value else ("openid", *value)

    @model_validator(mode="after")
    def _lets_somebody_in(self) -> Self:
        if not self.default_role and not self.roles:
            raise ValueError("without a default_role, roles must say who gets which role")
        return self
