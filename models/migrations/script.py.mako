"""${message}.

Mind what each statement locks: a table that is written every 5 seconds must not wait for seconds. `ALTER TABLE`
mostly takes ACCESS EXCLUSIVE, and everybody queues behind it even while it waits, so it gives up after
3 seconds: then run the migration again. Add an index to a big table CONCURRENTLY in
`op.get_context().autocommit_block()`, on a partitioned one by ONLY the parent first and then each partition; add a
constraint NOT VALID and validate it in a later revision; fill a column in batches, and not here.
"""

from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    ${downgrades if downgrades else "pass"}
