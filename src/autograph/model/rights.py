"""Who may do what: permissions, the roles that bring them, and the one place where it is decided. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from autograph.core.problem import Forbidden
from autograph.model.principal import Principal


class Permission(StrEnum):
    """Something that one may be allowed to do. The part before the colon names what it is done to."""

    DOCUMENTS_READ = "documents:read"
    DOCUMENTS_WRITE = "documents:write"
    DOCUMENTS_EXPORT = "documents:export"
    ANALYSIS_RUN = "analysis:run"
    KEYS_MAKE = "keys:make"
    TEAMS_MAKE = "teams:make"
    TEAMS_MANAGE = "teams:manage"
    PEOPLE_READ = "people:read"
    PEOPLE_MANAGE = "people:manage"
    ROLES_MANAGE = "roles:manage"
    AUDIT_READ = "audit:read"
    MAIL_READ = "mail:read"
    OPERATIONS_READ = "operations:read"
    OPERATIONS_MANAGE = "operations:manage"


DESCRIPTIONS: dict[Permission, str] = {
    Permission.DOCUMENTS_READ: "Read documents that are one's own or shared",
    Permission.DOCUMENTS_WRITE: "Create, change and delete documents",
    Permission.DOCUMENTS_EXPORT: "Export documents",
    Permission.ANALYSIS_RUN: "Draw diagrams from repositories",
    Permission.KEYS_MAKE: "Make API keys for oneself",
    Permission.TEAMS_MAKE: "Make teams",
    Permission.TEAMS_MANAGE: "Manage every team",
    Permission.PEOPLE_READ: "See all people of the installation",
    Permission.PEOPLE_MANAGE: "Invite, disable and remove people, and give roles",
    Permission.ROLES_MANAGE: "Make and change roles",
    Permission.AUDIT_READ: "Read and export the audit log",
    Permission.MAIL_READ: "Read mails that were not sent",
    Permission.OPERATIONS_READ: "See how the installation runs",
    Permission.OPERATIONS_MANAGE: "Switch features, log levels and alerts, and run diagnostics",
}


@dataclass(frozen=True, slots=True)
class Role:
    """A name for permissions that belong together."""

    name: str
    description: str
    permissions: frozenset[Permission]


ADMIN, EDITOR, VIEWER = "admin", "editor", "viewer"

_READING = frozenset({Permission.DOCUMENTS_READ, Permission.DOCUMENTS_EXPORT})
_EDITING = _READING | {Permission.DOCUMENTS_WRITE, Permission.ANALYSIS_RUN}

BUILT_IN = {
    role.name: role
    for role in (
        Role(ADMIN, "Runs the installation", frozenset(Permission)),
        Role(EDITOR, "Draws", _EDITING | {Permission.KEYS_MAKE, Permission.TEAMS_MAKE}),
        Role(VIEWER, "Reads what is shared", _READING | {Permission.KEYS_MAKE}),
    )
}
"""Roles that every installation has; nobody changes them."""

TEMPLATES = (
    Role("guest", "Reads what is shared, and nothing else", frozenset({Permission.DOCUMENTS_READ})),
    Role(
        "people-manager",
        "Draws, and looks after people and teams",
        BUILT_IN[EDITOR].permissions
        | {Permission.PEOPLE_READ, Permission.PEOPLE_MANAGE, Permission.TEAMS_MANAGE, Permission.MAIL_READ},
    ),
    Role(
        "operator",
        "Sees how the installation runs and handles alerts",
        _READING | {Permission.OPERATIONS_READ, Permission.OPERATIONS_MANAGE},
    ),
    Role(
        "auditor",
        "Reads the audit log and sees who is there",
        frozenset({Permission.AUDIT_READ, Permission.PEOPLE_READ, Permission.OPERATIONS_READ}),
    ),
)
"""What a new role may begin as."""

SCOPES: dict[str, frozenset[Permission]] = {
    "read": _READING | {Permission.PEOPLE_READ, Permission.OPERATIONS_READ, Permission.AUDIT_READ},
    "write": _EDITING,
    "admin": frozenset(Permission) - {Permission.KEYS_MAKE},
}
"""What a key with a scope may do at most; a key never makes further keys."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What something is done to.

    Attributes:
        owner_id: Account that it belongs to.
    """

    owner_id: str


def can(who: Principal, permission: Permission, thing: Thing | None = None) -> bool:
    """Whether `who` may do this at all, and to `thing` if one is named. Nothing is allowed that is not given."""
    return permission in who.permissions if thing is None else thing.owner_id in owners(who, permission)


def owners(who: Principal, permission: Permission) -> frozenset[str]:
    """Return the accounts to whose things `who` may do this: what a query that reads or changes them looks among.

    Empty for whoever may not do it at all.
    """
    return frozenset({who.user_id}) if permission in who.permissions else frozenset()


def demand(who: Principal, permission: Permission) -> Principal:
    """Return `who`, or raise Forbidden in words that say what is missing."""
    if not can(who, permission):
        raise Forbidden(f"Your account may not do this: {DESCRIPTIONS[permission].lower()}.")
    return who


def permissions_of(roles: Iterable[str], custom: Iterable[Role] = ()) -> frozenset[Permission]:
    """Return what these roles allow together; a role that does not exist allows nothing."""
    known = {**{role.name: role for role in custom}, **BUILT_IN}
    return frozenset().union(*(known[name].permissions for name in roles if name in known))
