"""What revisions share: running a folder of SQL, and clearing away what an interrupted cleanup left."""

from collections.abc import Iterable
from pathlib import Path

from alembic import op
from sqlalchemy import text

SQL = Path(__file__).parent / "sql"


def run_scripts(revision: str) -> None:
    """Run the files of `sql/<revision>/` in the order of their names."""
    for script in sorted((SQL / revision).glob("*.sql")):
        op.get_bind().exec_driver_sql(
            script.read_text(encoding="utf-8"),
            execution_options={"no_parameters": True},  # or a % in a comment would be a placeholder
        )


def drop_leftovers(parents: Iterable[str]) -> None:
    """Drop daily tables that were detached from one of `parents` and not dropped yet."""
    detached = text(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition AND pg_table_is_visible(oid)"
        " AND relname ~ ('^' || :parent || '_[0-9]{8}$')"
    )
    for parent in parents:
        for name in op.get_bind().scalars(detached, {"parent": parent}).all():
            op.execute(f"DROP TABLE {name}")
