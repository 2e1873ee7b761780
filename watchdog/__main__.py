"""What `tocsin watchdog` becomes: python -m watchdog."""

import sys

# structlog loads it, 5 MB, to draw tracebacks that our logs never show.
NOT_NEEDED = "rich"

if __name__ == "__main__":
    sys.modules.setdefault(NOT_NEEDED, None)  # type: ignore[arg-type] # None: it cannot be imported
    from watchdog.turns import main

    main()
