"""What a database's catalogue says of our schema, as sets of sentences that can be compared."""

from sqlalchemy import Connection, text

# Alembic's own table and the daily partitions are no part of any model.
_RELATIONS = """
    CREATE TEMP VIEW our_relations AS
    SELECT c.oid, c.relname, c.relkind FROM pg_class AS c
     WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
       AND c.relname NOT IN ('alembic_version', 'pk_alembic_version', 'alembic_version_pkc')
"""

_ASPECTS = {
    "column": """
        SELECT concat_ws(' ', r.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
                         CASE WHEN a.attnotnull THEN 'not null' END, a.attidentity,
                         'default', pg_get_expr(d.adbin, d.adrelid), 'is', col_description(r.oid, a.attnum))
          FROM our_relations AS r JOIN pg_attribute AS a ON a.attrelid = r.oid
          LEFT JOIN pg_attrdef AS d ON d.adrelid = r.oid AND d.adnum = a.attnum
         WHERE r.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped""",
    "table": """
        SELECT concat_ws(' ', r.relname, pg_get_partkeydef(r.oid), 'is', obj_description(r.oid, 'pg_class'))
          FROM our_relations AS r WHERE r.relkind IN ('r', 'p')""",
    "constraint": """
        SELECT concat_ws(' ', r.relname, k.conname, pg_get_constraintdef(k.oid))
          FROM our_relations AS r JOIN pg_constraint AS k ON k.conrelid = r.oid""",
    # Less the fill factor, which SQLAlchemy has no way to give to a primary key.
    "index": r"""
        SELECT regexp_replace(pg_get_indexdef(r.oid), ' WITH \(fillfactor=''?\d+''?\)', '')
          FROM our_relations AS r WHERE r.relkind IN ('i', 'I')""",
    "enum": """
        SELECT concat_ws(' ', t.typname, array_agg(e.enumlabel ORDER BY e.enumsortorder))
          FROM pg_type AS t JOIN pg_enum AS e ON e.enumtypid = t.oid GROUP BY t.typname""",
}

_EVERYTHING = """
    SELECT 'relation ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
    UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""

_UNCOMMENTED = """
    SELECT c.relname || coalesce('.' || a.attname, '')
      FROM pg_class AS c
      LEFT JOIN LATERAL (
          SELECT 0 AS attnum, NULL AS attname
           UNION ALL
          SELECT attnum, attname FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
      ) AS a ON true
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
       AND c.relname <> 'alembic_version'
       AND coalesce(CASE a.attnum WHEN 0 THEN obj_description(c.oid, 'pg_class')
                                  ELSE col_description(c.oid, a.attnum) END, '') = ''
"""


def described(connection: Connection) -> set[tuple[str, str]]:
    """Every table, column, constraint, index and enum: type, default, order, predicate, method, comment."""
    connection.execute(text(_RELATIONS))
    sentences = {
        (aspect, sentence)
        for aspect, query in _ASPECTS.items()
        for sentence in connection.scalars(text(query))
    }
    connection.execute(text("DROP VIEW our_relations"))
    return sentences


def everything(connection: Connection) -> set[str]:
    """The name of whatever there is, ours or not."""
    return set(connection.scalars(text(_EVERYTHING)))


def uncommented(connection: Connection) -> set[str]:
    """The tables, views and columns that nobody explained."""
    return set(connection.scalars(text(_UNCOMMENTED)))
