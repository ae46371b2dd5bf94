"""Tables of accounts. The migrations make exactly these; a contract test holds them to it.

What would open a door is kept as a hash, or sealed by the vault; never in plain text.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

from autograph.storage.columns import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _of_user(*, index: bool = True, primary_key: bool = False) -> Column[str]:
    """Whose it is; it goes with the account."""
    key = ForeignKey("users.id", ondelete="CASCADE")
    return Column("user_id", String(36), key, nullable=False, index=index, primary_key=primary_key)


users = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("password_hash", String(255), nullable=False),  # "" for those who sign in another way
    Column("roles", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("verified_at", UtcDateTime),
    Column("disabled_at", UtcDateTime),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(36), primary_key=True),
    _of_user(),
    Column("token_hash", LargeBinary(32), unique=True),  # empty for sessions held by bearer tokens
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("idle_seconds", Integer),
    Column("revoked_at", UtcDateTime),
    Column("address", String(45), nullable=False, server_default=""),
    Column("user_agent", String(300), nullable=False, server_default=""),
    Column("methods", String(60), nullable=False, server_default=""),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column(
        "session_id", String(36), ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

first_run_codes = Table(
    "first_run_codes",
    metadata,
    Column("code_hash", LargeBinary(32), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(64), nullable=False),  # hash of an address, whether it has an account or not
    Column("address", String(60), nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("has_failed", Boolean, nullable=False),  # until it is decided it is being tried
    Index(None, "account", "created_at"),
    Index(None, "address", "created_at"),
)

locks = Table(
    "locks",
    metadata,
    Column(
        "key", String(80), primary_key=True
    ),  # whoever counts attempts of an account or address holds its row
    Column("failures", Integer, nullable=False),  # in a row
    Column("locked_until", UtcDateTime),
    Column("refused", Integer, nullable=False, server_default="0"),  # tries turned away, since then:
    Column("refused_since", UtcDateTime),
    Column("changed_at", UtcDateTime, nullable=False, index=True),
)

links = Table(
    "links",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("user_id", String(36), ForeignKey("users.id", ondelete="CASCADE"), index=True),
    Column("data", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

mails = Table(
    "mails",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(30), nullable=False),
    Column("recipient", String(254), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("sealed_text", LargeBinary),  # holds links: gone once it is sent or worthless
    Column("state", String(10), nullable=False),  # waiting, sent, failed
    Column("tries", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("next_try_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("error", String(300), nullable=False),
    Column("about", String(36), nullable=False),  # what it goes with, such as an invitation; mostly empty
)

audit_records = Table(
    "audit_records",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("event", String(64), nullable=False, index=True),
    Column("outcome", String(10), nullable=False),  # success, failure
    Column("actor_id", String(36), index=True),
    Column("subject_kind", String(24), nullable=False),
    Column("subject_id", String(100), nullable=False, index=True),
    Column("correlation_id", String(64), nullable=False),
    Column("details", JSON, nullable=False),
    Column("personal", JSON),  # address and device; empty once it is erased, its hash stays
    Column("personal_hash", LargeBinary(32), nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("number", BigInteger, nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
)

roles = Table(
    "roles",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("description", String(300), nullable=False),
    Column("permissions", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

teams = Table(
    "teams",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("description", String(300), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

team_members = Table(
    "team_members",
    metadata,
    Column("team_id", String(36), ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    _of_user(primary_key=True),
    Column("role", String(10), nullable=False),  # owner, admin, member, guest
    Column("added_at", UtcDateTime, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("email", String(254)),  # empty for links that anybody may use
    Column("role", String(50), nullable=False),
    Column("team_id", String(36), ForeignKey("teams.id", ondelete="CASCADE"), index=True),
    Column("team_role", String(10)),
    Column("created_by", String(36), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("uses_left", Integer, nullable=False),
    Column("revoked_at", UtcDateTime),
)

totp_secrets = Table(
    "totp_secrets",
    metadata,
    _of_user(index=False, primary_key=True),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("last_step", BigInteger, nullable=False),  # a code works once: steps only rise
    Column("created_at", UtcDateTime, nullable=False),
    Column("enabled_at", UtcDateTime),  # empty until the first code was right
)

backup_codes = Table(
    "backup_codes",
    metadata,
    Column("code_hash", LargeBinary(32), primary_key=True),
    _of_user(),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("credential_id", LargeBinary, primary_key=True),
    _of_user(),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", String(100), nullable=False),
    Column("transports", JSON, nullable=False),
    Column("is_backed_up", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    _of_user(),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(36), primary_key=True),
    _of_user(),
    Column("name", String(100), nullable=False),
    Column("prefix", String(16), nullable=False),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    Column("last_address", String(45), nullable=False),
    Column("revoked_at", UtcDateTime),
)

erasures = Table(
    "erasures",
    metadata,
    Column("user_id", String(36), primary_key=True),  # the account is gone already
    Column(
        "email", String(254), nullable=False
    ),  # by which other rooms know them; empty once these forgot it
    Column("documents_to", String(36)),  # empty when they go for good
    Column("asked_at", UtcDateTime, nullable=False),
)
