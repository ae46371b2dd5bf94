"""What an installation may choose about accounts."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class AuthSettings(BaseModel):
    """Settings of the auth service; the environment names are ``AUTOGRAPH_AUTH__<NAME>``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    registration: Literal["closed", "open"] = Field(
        default="closed",
        description="Who may make an account: nobody but an administrator, or everybody who sees the page.",
    )
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
    password_threads: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Passwords hashed at the same time; 0 means one fewer than there are processors.",
    )
    password_queue: int = Field(
        default=64, ge=1, le=10_000, description="Passwords that may wait to be hashed; more get 503."
    )
