"""`tocsin check`: a health check now, and what it found."""

from cli.context import load_policy, load_settings
from cli.group import single
from cli.output import AsJson, console, print_json, say
from cli.servers import open_database, open_redis
from cli.view import sections
from cli.view.reading import read
from worker.health_check import check as check_health

app = single()


@app.command(epilog="Example: tocsin check --json")
def check(*, as_json: AsJson = False) -> None:
    """Check the health of every host and of Tocsin itself now.

    It does what the task health.check does every 15 seconds. What changed is stored, alerts included, and
    people are told by the next sweep.
    """
    settings = load_settings()
    with open_database(settings, "check") as engine:
        redis = open_redis(settings)
        checked = check_health(engine, redis, load_policy(settings))
        now = read(engine, redis)
    if as_json:
        print_json({"checked": checked, "checks": now.checks})
        return
    screen = console()
    for line in sections.health(now, width=screen.width, most=len(now.checks)).lines:
        screen.print(line)
    unknown = f", {checked.unknown} of them unknown" if checked.unknown else ""
    say(f"\nhosts checked: {checked.hosts}{unknown}; changes of alerts: {checked.changes}")
