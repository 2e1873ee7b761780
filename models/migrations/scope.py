"""What a comparison of the models with a database looks at."""

import re

from sqlalchemy.schema import SchemaItem

PARTITION = re.compile(r"_\d{8}(_|$)")


def is_ours(item: SchemaItem, name: str | None, kind: str, reflected: bool, other: object) -> bool:  # noqa: ARG001, FBT001 - Alembic's signature
    """Daily partitions and what hangs on them come and go; no model speaks of them."""
    return not (reflected and name is not None and PARTITION.search(name))
