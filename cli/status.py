"""`tocsin status`: whether all is well, and if not, what is wrong, in sentences and an exit code."""

from typing import NoReturn

import typer
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from cli import errors
from cli.context import load_settings
from cli.errors import OK
from cli.group import single
from cli.output import AsJson, console, print_json, say
from cli.servers import open_database, open_redis
from cli.view import sections
from cli.view.live import verdict
from cli.view.reading import read
from cli.view.situation import Situation
from cli.view.verdict import Finding, findings, worst
from domain.severity import Severity

app = single()

# As the plugins of Nagios and its heirs have it.
CODES = {None: OK, Severity.WARNING: 1, Severity.CRITICAL: 2}


@app.command(epilog="Example: tocsin status --json")
def status(*, as_json: AsJson = False) -> None:
    """Say how everything is, once.

    Exits with 0 when all is well, 1 for warnings, 2 for what is critical or unknown.
    """
    settings = load_settings()
    with open_database(settings, "status") as engine:
        try:
            awaited = settings.slack_app_token is not None
            now = read(engine, open_redis(settings), buttons_awaited=awaited)
        except (OperationalError, RedisError) as error:
            _end_in_the_dark(error, as_json=as_json)
    found = findings(now)
    severity = worst(found)
    if as_json:
        print_json({"ok": severity is None, "worst": severity, "findings": found, "situation": now})
    else:
        _print(now, found)
    raise typer.Exit(CODES[severity])


def _end_in_the_dark(error: OperationalError | RedisError, *, as_json: bool) -> NoReturn:
    """Nothing is known while a server is away, and that is critical."""
    failure = errors.foreseen(error)
    found = [Finding(Severity.CRITICAL, one) for one in (failure.sentences if failure else (str(error),))]
    if as_json:
        print_json({"ok": False, "worst": Severity.CRITICAL, "findings": found, "situation": None})
    else:
        say(f"Critical: {found[0].sentence}")
    raise typer.Exit(CODES[Severity.CRITICAL])


def _print(now: Situation, found: list[Finding]) -> None:
    screen = console()
    width = min(screen.width, 200)
    screen.print(verdict(found, now))
    for one in found[1:]:
        screen.print(f"  {one.severity}: {one.sentence}", soft_wrap=True)
    for section in (
        sections.hosts(now.readings, now.checks, width=width, most=100),
        sections.health(now, width=width, most=100),
    ):
        screen.print()
        screen.print(section.title)
        for line in section.lines:
            screen.print(line)
