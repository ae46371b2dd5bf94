"""The table of flags. The migrations make exactly this; a contract test holds them to it."""

from sqlalchemy import Column, Integer, MetaData, String, Table, Text

from autograph.storage.columns import UtcDateTime

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})

flags = Table(
    "flags",
    metadata,
    Column("key", String(60), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("content", Text, nullable=False),  # model.flags.Flag as JSON
    Column("updated_by", String(36), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
