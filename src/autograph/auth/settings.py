"""What an installation may choose about accounts."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from autograph.auth.oidc_settings import OidcSettings, Slug
from autograph.clients.smtp import MailServerUrl


class AuditSettings(BaseModel):
    """How the audit log is kept; the environment names are ``AUTOGRAPH_AUTH__AUDIT__<NAME>``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kept_days: int = Field(
        default=400, ge=1, le=36_500, description="Days after which records of the audit log are removed."
    )
    checkpoints: Path | None = Field(
        default=None,
        description="File to which signed checkpoints of the audit log are appended: where who can change the "
        "database cannot change it, truncation is found. Empty means audit-checkpoints.jsonl in the data folder.",
    )
    checkpoint_records: int = Field(
        default=500, ge=1, le=1_000_000, description="Records after which a checkpoint is written."
    )
    checkpoint_minutes: int = Field(
        default=10, ge=1, le=1440, description="Minutes after which one is written for fewer records."
    )


class AuthSettings(BaseModel):
    """Settings of the auth service; the environment names are ``AUTOGRAPH_AUTH__<NAME>``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    registration: Literal["open", "invited", "closed"] = Field(
        default="invited",
        description="Who may make an account: everybody who sees the page, whoever was invited, "
        "or nobody but an administrator.",
    )
    allowed_domains: tuple[str, ...] = Field(
        default=(),
        description="E-mail domains of those who may have an account, as a JSON list; empty for every domain.",
    )
    verification: Literal["required", "off"] = Field(
        default="required",
        description="Whether whoever registers confirms the address by mail before the first sign-in. "
        "When off, a sign-in tells strangers which addresses have an account.",
    )
    verification_hours: int = Field(
        default=24, ge=1, le=168, description="Hours for which the link that confirms an address is valid."
    )
    reset_minutes: int = Field(
        default=60, ge=5, le=1440, description="Minutes for which the link to a new password is valid."
    )
    invitation_days: int = Field(default=7, ge=1, le=90, description="Days for which an invitation is valid.")
    mfa: Literal["optional", "required"] = Field(
        default="optional",
        description="Whether everybody needs a second factor or a passkey. When required, whoever has none "
        "sets one up at the next sign-in.",
    )
    oidc: dict[Slug, OidcSettings] = Field(
        default_factory=dict,
        description="OpenID providers that people may sign in with, by a short name each, as JSON: "
        '{"company": {"issuer": "https://…", "client_id": "…", "client_secret": "…", "name": "Company"}}. '
        "docs/how-to/sign-in-with-openid.md tells what else may be set.",
    )
    most_sessions: int = Field(
        default=5, ge=1, le=100, description="Sessions of one person; one more ends the one used longest ago."
    )
    tries_per_account: int = Field(
        default=5, ge=1, le=1_000_000, description="Wrong tries at one account before the next must wait."
    )
    tries_per_address: int = Field(
        default=5,
        ge=1,
        le=100_000,
        description="Wrong tries from one network address before the next must wait. "
        "Where many people share an address, raise it.",
    )
    try_minutes: int = Field(
        default=15, ge=1, le=1440, description="Minutes after which a wrong try no longer counts."
    )
    lock_after: int = Field(
        default=10, ge=1, le=1_000_000, description="Wrong tries in a row after which an account is locked."
    )
    lock_minutes: int = Field(
        default=60, ge=1, le=10_080, description="Minutes after which a locked account unlocks itself."
    )
    smtp_url: MailServerUrl = Field(
        default=SecretStr(""),
        description="Mail server for links to people: smtp://user:password@host:587 or smtps://…; when empty, "
        "administrators find the mails in the settings, under Mail.",
    )
    mail_from: str = Field(default="autograph@localhost", description="Sender of the mails.")
    access_token_minutes: int = Field(
        default=60, ge=1, le=1440, description="Minutes for which an access token is valid."
    )
    session_hours: int = Field(
        default=24, ge=1, le=720, description="Hours after which a session ends, used or not."
    )
    idle_minutes: int = Field(
        default=30,
        ge=0,
        le=1440,
        description="Minutes without a request after which a session ends; 0 means never. "
        "Sessions with 'remember me' do not end this way.",
    )
    remembered_session_days: int = Field(
        default=30, ge=1, le=365, description="Days after which a session with 'remember me' ends."
    )
    first_run_code_minutes: int = Field(
        default=60, ge=5, le=1440, description="Minutes for which the link of the first run is valid."
    )
    argon2_memory_kib: int = Field(
        default=19_456, ge=8_192, le=1_048_576, description="Memory that hashing one password takes, in KiB."
    )
    argon2_passes: int = Field(default=2, ge=1, le=20, description="Passes over that memory.")
    password_words: list[str] = Field(
        default=[],
        max_length=200,
        description="Words that passwords may not be made of, such as the names of your company and its products.",
    )
    password_threads: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Passwords hashed at the same time; 0 means one fewer than there are processors.",
    )
    password_queue: int = Field(
        default=64, ge=1, le=10_000, description="Passwords that may wait to be hashed; more get 503."
    )

    audit: AuditSettings = AuditSettings()

    @field_validator("allowed_domains")
    @classmethod
    def _lower(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(domain.strip().lower().removeprefix("@") for domain in domains)
