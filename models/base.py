"""What all tables share: a class, with columns as its attributes, that stands for its table in a query.

SQLAlchemy's own declarative classes are mapped to objects, which nobody here loads; its mapper and what it
makes of each class take 9 MB of a process.
"""

from datetime import datetime
from types import NoneType
from typing import Any, ClassVar, get_args
from uuid import UUID

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Column,
    ColumnClause,
    DateTime,
    Identity,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import NullType, TypeEngine

# Every constraint has a name that a migration, and a person reading an error, can use.
NAMING = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
}

Json = dict[str, Any]

# Of a column that names no other.
TYPES: dict[Any, TypeEngine[Any]] = {
    bool: Boolean(),
    int: Integer(),
    float: REAL(),
    str: Text(),
    datetime: DateTime(timezone=True),
    UUID: Uuid(),
    Json: JSONB(),
    list[str]: JSONB(),
}


class Base:
    """A table, of `name: ColumnClause[type] = Column(…)`; a column may be null whose type has None in it."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)
    __tablename__: ClassVar[str]
    __table_args__: ClassVar[tuple[Any, ...] | dict[str, Any]] = ()
    __table__: ClassVar[Table]

    def __init_subclass__(cls) -> None:
        if "__table__" not in vars(cls):
            cls.__table__ = _table(cls)

    @classmethod
    def __clause_element__(cls) -> Table:
        """What SQLAlchemy takes in place of the class."""
        return cls.__table__


def big_id(comment: str) -> ColumnClause[int]:
    """A primary key that the database counts up."""
    return Column(BigInteger, Identity(always=True), primary_key=True, comment=comment)


def _table(of: type[Base]) -> Table:
    given = of.__table_args__
    *parts, options = (given,) if isinstance(given, dict) else given
    columns = [_named(name, getattr(of, name), kind) for name, kind in of.__annotations__.items()]
    return Table(of.__tablename__, of.metadata, *columns, *parts, **options)


def _named(name: str, column: Column[Any], annotation: object) -> Column[Any]:
    [kind] = get_args(annotation)
    alternatives = {kind, *get_args(kind)} if NoneType in get_args(kind) else {kind}
    column.name = column.key = name
    column.nullable = NoneType in alternatives
    if isinstance(column.type, NullType):
        [column.type] = [TYPES[one] for one in alternatives if one in TYPES]
    return column
