"""The command `tocsin` itself: which commands there are, and how each of them ends."""

import errno
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

from cli import crash, errors
from cli.output import complain, say

# Every command: its name, and the Typer app of it. A module is imported when its command is used or listed.
COMMANDS = {
    "up": "cli.up:app",
    "top": "cli.top:app",
    "status": "cli.status:app",
    "history": "cli.history:app",
    "doctor": "cli.doctor:app",
    "drill": "cli.drill:app",
    "collector": "cli.processes:collector",
    "worker": "cli.processes:worker",
    "beat": "cli.processes:beat",
    "flower": "cli.processes:flower",
    "watchdog": "cli.processes:watchdog",
    "buttons": "cli.buttons:app",
    "metrics": "cli.metrics:app",
    "hosts": "cli.hosts:app",
    "alerts": "cli.alerts:app",
    "silence": "cli.silence:app",
    "explain": "cli.explain:app",
    "deliveries": "cli.deliveries:app",
    "notify": "cli.notify:app",
    "templates": "cli.templates:app",
    "route": "cli.route:app",
    "collect": "cli.collect:app",
    "check": "cli.check:app",
    "aggregate": "cli.chores:aggregate",
    "cleanup": "cli.chores:cleanup",
    "hold": "cli.hold:app",
    "metric": "cli.metric:app",
    "backup": "cli.backup:backup",
    "restore": "cli.backup:restore",
    "run": "cli.run:app",
    "runs": "cli.runs:app",
    "schedule": "cli.schedule:app",
    "db": "cli.db:app",
    "config": "cli.config:app",
}


class _Loaded(Mapping[str, Any]):
    """The commands by name, each loaded at first sight."""

    def __getitem__(self, name: str) -> Any:
        module, _, attribute = COMMANDS[name].partition(":")
        command = typer.main.get_command(getattr(import_module(module), attribute))
        command.name = name
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Commands(TyperGroup):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"commands": _Loaded()})


app = typer.Typer(
    cls=_Commands,
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it with the option's value
    if wanted:
        try:
            say(f"tocsin {version('tocsin')}")
        except PackageNotFoundError:
            say("tocsin, run from a source tree")
        raise typer.Exit


@app.callback(epilog="Example: tocsin up")
def _root(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Watch machines and the services on them, keep the history, and tell the people on call."""


def main() -> None:
    """The console script: run the command line of this process and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and answer its exit code; every way to end passes here."""
    _prepare_streams()
    try:
        return _end(arguments)
    except BrokenPipeError:
        _silence(sys.stdout)
        _silence(sys.stderr)
        return errors.PIPE_CLOSED


def _prepare_streams() -> None:
    # A stream that the shell closed is None, and print() would take None for standard output.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        # A terminal without UTF-8 shows what it cannot show as \u2026 instead of failing.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w")


def _end(arguments: Sequence[str]) -> int:
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = errors.INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the outermost edge: a traceback is nothing for people
        code = _failed(error)
    return code


def _invoke(arguments: Sequence[str]) -> int:
    try:
        typer.main.get_command(app)(list(arguments), prog_name="tocsin")
    except SystemExit as end:
        # Typer ends a closed pipe with 1, which would say that the thing asked for is not so.
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        return end.code if isinstance(end.code, int) else errors.OK
    return errors.OK


def _silence(stream: TextIO) -> None:
    """Lead a stream nowhere, or Python complains once more when it flushes it at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _failed(error: Exception) -> int:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _silence(sys.stdout)
    failure = errors.foreseen(error)
    if failure is None:
        where = crash.write(error, datetime.now(UTC))
        place = (
            f"the full traceback is in {where}" if where else "its traceback could not be written anywhere"
        )
        complain(f"this is a bug in tocsin ({type(error).__name__}); {place}")
        return errors.SOFTWARE
    for sentence in failure.sentences:
        complain(crash.without_secrets(sentence))
    return failure.code


if __name__ == "__main__":
    main()
