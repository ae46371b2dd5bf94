"""The gateway's only table: answers that were given under an Idempotency-Key."""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

from autograph.storage.columns import UtcDateTime

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}
)

idempotency_keys = Table(
    "gateway_idempotency_keys",
    metadata,
    Column("id", String(64), primary_key=True),  # hash of who, method, path and key
    Column("fingerprint", String(64), nullable=False),  # hash of the body
    Column("holder", String(36), nullable=False),  # the attempt that works on it, or has
    Column("lease_until", UtcDateTime),  # until then nobody else may try; None once it is answered
    Column("expires_at", UtcDateTime, nullable=False),
    Column("status", Integer),
    Column("headers", Text),  # JSON
    Column("body", LargeBinary),
    Index("ix_gateway_idempotency_keys_expires_at", "expires_at"),
)
