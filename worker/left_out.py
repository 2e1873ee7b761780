"""What a program of ours does not load although it is installed: what a process takes are its libraries.

tests/test_loaded.py looks at the running programs, so that nothing comes back unnoticed.
"""

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

# Libraries load these where they find them: who does, how much it is, and what for.
NEVER_USED = {
    "rich": "structlog, 8 MB, to draw tracebacks that our logs never show",
    "yaml": "Kombu, 1 MB, to read messages in a form that we do not accept",
}
# redis-py measures itself with it, which nobody asks for.
TRACING = "opentelemetry"

# And these always, whoever uses them or not.
FOR_OTHERS = {
    "redis.asyncio": "redis-py, 1.3 MB, for programs that are asynchronous",
    "sqlalchemy.dialects.postgresql.asyncpg": "SQLAlchemy, 0.6 MB with the next three, for other drivers",
    "sqlalchemy.dialects.postgresql.pg8000": "likewise",
    "sqlalchemy.dialects.postgresql.psycopg2": "likewise",
    "sqlalchemy.dialects.postgresql.psycopg2cffi": "likewise",
}


def of_this_process(*, traced: bool = True) -> None:
    """Leave out what is not loaded yet."""
    for name in [*NEVER_USED, *([] if traced else [TRACING])]:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type] # None: it cannot be imported
    sys.meta_path.insert(0, _Hollow())


class _Hollow(MetaPathFinder, Loader):
    """Finds modules for others and loads nothing of them; those beneath them can be loaded as ever."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in FOR_OTHERS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None:
            spec.loader = self
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Leave it empty."""
