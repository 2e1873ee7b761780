"""`tocsin doctor`: looks at everything that Tocsin stands on, and says what to do about what is not right."""

from collections.abc import Iterator, Mapping

import typer
from rich.text import Text

from cli.checkup import Looked, Mark, host
from cli.group import single
from cli.logs import log_beside_the_result
from cli.output import AsJson, console, print_json, printable
from cli.servers import running_database, running_redis
from settings import Examined, environment, examine
from worker.stream import connect

app = single()

STYLES = {Mark.OK: "green", Mark.WARNING: "dark_orange", Mark.WRONG: "bold red"}
START = "start everything with tocsin up, or set it"
AWAY = "it is not set, and none of ours runs here"


@app.command(epilog="Example: tocsin doctor --json")
def doctor(*, as_json: AsJson = False) -> None:
    """Look at settings, connections, versions, schema, disk, clock, permissions, queues and every part.

    Each is ok, a warning or wrong, with what to do. Exits with 0, with 1 for warnings, 2 for what is wrong.
    """
    log_beside_the_result()
    looked = list(_looks(environment()))
    worst = max(looked, key=lambda one: one.mark.rank).mark
    if as_json:
        print_json({"ok": worst is Mark.OK, "worst": worst, "looked": looked})
    else:
        for one in looked:
            _print(one)
    raise typer.Exit(worst.rank)


def _looks(environ: Mapping[str, str]) -> Iterator[Looked]:
    examined = examine(environ)
    yield from host.configuration(examined)
    yield host.disk(examined.fields.tocsin_home)
    yield from host.permissions(examined, environ)
    redis_answers = False
    for one in _redis(examined):
        redis_answers = redis_answers or one.mark is Mark.OK
        yield one
    yield from _database(examined, redis_answers=redis_answers)


def _redis(examined: Examined) -> Iterator[Looked]:
    from cli.checkup import queues

    url = running_redis(examined.fields)
    if url is None:
        yield Looked("redis", Mark.WRONG, f"REDIS_URL: {AWAY}", START)
        return
    with connect(url) as client:
        yield from queues.redis(client)


def _database(examined: Examined, *, redis_answers: bool) -> Iterator[Looked]:
    from cli.checkup import database
    from models.session import make_engine

    url = running_database(examined.fields)
    if url is None:
        yield Looked("postgres", Mark.WRONG, f"DATABASE_URL: {AWAY}", START)
        return
    engine = make_engine(url, application_name="tocsin doctor")
    try:
        yield from database.database(engine, url)
        awaited = examined.fields.slack_app_token is not None
        yield from database.parts(engine, redis_answers=redis_answers, buttons_awaited=awaited)
    finally:
        engine.dispose()


def _print(one: Looked) -> None:
    line = Text(f"{one.mark:<8}", style=STYLES[one.mark]) + Text(f"{one.about:<14} {printable(one.found)}")
    console().print(line, soft_wrap=True)
    if one.remedy:
        console().print(Text(f"{'':23}-> {printable(one.remedy)}"), soft_wrap=True)
