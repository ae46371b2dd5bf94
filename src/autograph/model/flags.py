"""Feature flags: what a flag is, and what it says for somebody. Pure; the words are OpenFeature's.

Who sees a gradual feature is decided by a hash of flag and person: the same person always gets the same answer,
and raising the percentage only ever adds people.
"""

import hashlib
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

Value = bool | float | str


class Reason(StrEnum):
    """Why a flag says what it says."""

    STATIC = "STATIC"
    TARGETING_MATCH = "TARGETING_MATCH"
    SPLIT = "SPLIT"
    DISABLED = "DISABLED"
    DEFAULT = "DEFAULT"
    ERROR = "ERROR"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Flag(_Frozen):
    """One flag with its rules.

    Attributes:
        key: Stable kebab-case name.
        on: What it says to those who have the feature; `off` to all others. Both of one type.
        enabled: Off switches the feature off for everybody, whatever the rules.
        percentage: Share of people who have it.
        allow: User IDs or e-mail addresses that have it in any case; `deny` that never have.
        environments: Where it may be on (``production``, ``development``); everywhere when empty.
        version: Grows with every change; 0 is what the program itself declares.
    """

    key: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    description: str = Field(default="", max_length=300)
    on: Value = True
    off: Value = False
    enabled: bool = True
    percentage: float = Field(default=100.0, ge=0, le=100)
    allow: tuple[str, ...] = Field(default=(), max_length=1000)
    deny: tuple[str, ...] = Field(default=(), max_length=1000)
    environments: tuple[str, ...] = Field(default=(), max_length=20)
    version: int = Field(default=0, ge=0)


class Context(_Frozen):
    """For whom and where a flag is asked."""

    user_id: str = ""
    email: str = ""
    environment: str = ""


class Resolution(_Frozen):
    """What a flag says, and why."""

    key: str
    value: Value
    variant: str
    reason: Reason


def resolve(flag: Flag, context: Context) -> Resolution:
    """Return what `flag` says in `context`: the switch, the place, the lists, then the share."""
    if not flag.enabled:
        return _said(flag, Reason.DISABLED, is_on=False)
    if flag.environments and context.environment not in flag.environments:
        return _said(flag, Reason.TARGETING_MATCH, is_on=False)
    names = {name for name in (context.user_id, context.email.lower()) if name}
    if names & _folded(flag.deny) or names & _folded(flag.allow):
        return _said(flag, Reason.TARGETING_MATCH, is_on=not names & _folded(flag.deny))
    if flag.percentage in {0.0, 100.0}:
        return _said(flag, Reason.STATIC, is_on=flag.percentage == 100)
    if not context.user_id:
        return _said(flag, Reason.DEFAULT, is_on=False)
    return _said(flag, Reason.SPLIT, is_on=share_of(flag.key, context.user_id) < flag.percentage)


def _folded(names: tuple[str, ...]) -> set[str]:
    """E-mail addresses in lower case, IDs as they are."""
    return {name.lower() if "@" in name else name for name in names}


def share_of(key: str, user_id: str) -> float:
    """Return where on the scale from 0 to 100 a person stands for a flag: always the same place."""
    digest = hashlib.sha256(f"{key}\n{user_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * 100


def _said(flag: Flag, reason: Reason, *, is_on: bool) -> Resolution:
    value, variant = (flag.on, "on") if is_on else (flag.off, "off")
    return Resolution(key=flag.key, value=value, variant=variant, reason=reason)
