"""What a program of ours does not load although it is installed: what a process takes are its libraries.

tests/test_loaded.py looks at the running programs, so that nothing comes back unnoticed.
"""

import sys

# Libraries load these where they find them: who does, how much it is, and what for.
NEVER_USED = {
    "rich": "structlog, 8 MB, to draw tracebacks that our logs never show",
    "yaml": "Kombu, 1 MB, to read messages in a form that we do not accept",
}
# redis-py measures itself with it, which nobody asks for.
TRACING = "opentelemetry"


def of_this_process(*, traced: bool = True) -> None:
    """Leave out what is not loaded yet."""
    for name in [*NEVER_USED, *([] if traced else [TRACING])]:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type] # None: it cannot be imported
