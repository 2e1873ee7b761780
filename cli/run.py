"""`tocsin run`: any task for people, here and now, with the arguments that it has everywhere."""

import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn

import typer

import worker.tasks  # noqa: F401 - it declares every task
from cli.context import load_settings
from cli.errors import NOT_SO, USAGE, CommandError
from cli.group import group
from cli.logs import log_beside_the_result
from cli.output import AsJson, print_json, say
from cli.people import who
from cli.servers import located
from cli.startup import programs
from settings import Settings, environment
from worker.resources import resources
from worker.results import lines
from worker.tasks.arguments import Refused
from worker.tasks.conduct import Starter, TaskFailed, conduct
from worker.tasks.fields import Field, fields
from worker.tasks.jobs import Job, for_people

app = group(
    "Run a task here and now, with the arguments that it has in Flower.", "tocsin run aggregate.hourly"
)


def run(job: Job[Any], given: dict[str, str], *, as_json: bool) -> None:
    """Run a task in this process, without a worker; raises CommandError when it says no."""
    with _resources():
        result = _result(job, given)
    if isinstance(result, dict) and "skipped" in result:
        raise CommandError(f"{job.name}: {result['skipped']}", "wait until that is over", NOT_SO)
    if as_json:
        print_json(result)
        return
    for name, value in lines(result):
        say(f"{name}: {value}" if name else value)


def _result(job: Job[Any], given: dict[str, str]) -> Any:
    try:
        told = job.arguments.typed(given, datetime.now(UTC))
        return conduct(job, Starter(f"{who(None)} on the command line"), told.plain())
    except Refused as refused:
        raise CommandError(f"{job.name}: {refused}", code=USAGE) from None
    except TaskFailed as failed:
        raise CommandError(f"{job.name}: {failed}") from None


@contextmanager
def _resources() -> Iterator[None]:
    """What a task works with, found where it is found in a worker: in the environment."""
    settings = load_settings()
    if not (settings.database_url and settings.redis_url):
        _begin_anew(located(settings))
    log_beside_the_result()
    resources.cache_clear()
    try:
        yield
    finally:
        parts = resources()
        parts.database.dispose()
        parts.redis.close()


def _begin_anew(settings: Settings) -> NoReturn:
    """Run this very command in an environment that names the servers which `tocsin up` runs here."""
    argv = [sys.executable, "-P", "-m", "cli.main", *sys.argv[1:]]
    os.execve(argv[0], argv, programs.environment(environment(), settings))  # noqa: S606 - no shell reads it


def _command(job: Job[Any]) -> Callable[..., None]:
    """A function with an option for each argument of a task, as Typer wants to see it."""

    def command(*, as_json: bool, **given: str | bool | None) -> None:
        words = {
            name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()
        }
        run(job, {name: word for name, word in words.items() if word is not None}, as_json=as_json)

    options = {field.name: _option(field) for field in fields(job.arguments)}
    command.__annotations__ = options | {"as_json": AsJson}
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined] # what Typer looks at
        [
            *(_parameter(name, kind, None) for name, kind in options.items()),
            _parameter("as_json", AsJson, default=False),
        ]
    )
    return command


def _option(field: Field) -> Any:
    if field.kind == "yes or no":
        return Annotated[bool | None, typer.Option(help=field.description)]
    return Annotated[str | None, typer.Option(help=field.description, metavar=field.kind.upper())]


def _parameter(name: str, kind: Any, default: object) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


for _job in for_people().values():
    app.command(_job.name, help=_job.summary, epilog=f"Example: tocsin run {_job.name}")(_command(_job))
