"""The declarative base and the column types that every table shares."""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import REAL, BigInteger, DateTime, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

# Every constraint has a name that a migration, and a person reading an error, can use.
NAMING = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
}

Json = dict[str, Any]
BigId = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]


class Base(DeclarativeBase):
    """The base of every table: times are `timestamptz`, floats are `real`, documents are `jsonb`."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy declares it as a plain class attribute
        datetime: DateTime(timezone=True),
        float: REAL(),
        str: Text(),
        Json: JSONB(),
        list[str]: JSONB(),
    }
