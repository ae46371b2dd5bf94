"""Tables of documents. The migrations make exactly these; a contract test holds them to it."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
)

from autograph.storage.columns import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

documents = Table(
    "documents",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("owner_id", String(36), nullable=False),
    Column("title", String(200), nullable=False),
    Column("title_folded", String(600), nullable=False),  # for searching and sorting; folding may lengthen
    Column("file_type", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("has_model", Boolean, nullable=False),
    Column("has_canvas", Boolean, nullable=False),
    Column("has_code", Boolean, nullable=False),
    Column("has_note", Boolean, nullable=False),
    Column("picture_version", Integer),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", String(36), nullable=False),
    Column("deleted_at", UtcDateTime),
    Index("ix_documents_newest", "owner_id", "deleted_at", "updated_at", "id"),
    Index("ix_documents_oldest", "owner_id", "deleted_at", "created_at", "id"),
    Index("ix_documents_titles", "owner_id", "deleted_at", "title_folded", "id"),
)

document_versions = Table(
    "document_versions",
    metadata,
    Column("document_id", String(36), ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("title", String(200), nullable=False),
    Column("content", LargeBinary, nullable=False),  # zstd of {"canvas", "code", "note", "model"} as JSON
    Column("size_bytes", Integer, nullable=False),
    Column("author_id", String(36), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("document_id", "number"),
)
