"""What a restore changed, and what a person should look at now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, text

from cli.archive import Manifest
from cli.output import say
from models import migrate, restored

_WITHDRAWN = text("SELECT count(*) FROM notification_deliveries WHERE reason LIKE :reason || '%'")
_ENDED = text("""
    SELECT a.id, h.name || ' ' || a.component AS about
      FROM alert_events AS e
      JOIN infrastructure_alerts AS a ON a.id = e.alert_id
      JOIN hosts AS h ON h.id = a.host_id
     WHERE e.actor = :actor AND e.kind = 'resolved' AND e.at >= :taken_at AND e.reason LIKE :reason || '%'
     ORDER BY a.id
""")
_SILENCES = text("SELECT count(*) FROM silences WHERE ends_at > :taken_at OR recurrence IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of a restore; `ended` are the alerts that were open, by number and what they are about."""

    taken_at: datetime
    rows: int
    withdrawn: int
    ended: dict[int, str]
    silences: int
    revision: str | None
    wanted: str | None


def report(engine: Engine, manifest: Manifest) -> Restored:
    """Read back what the restore did."""
    about = {"reason": restored.reason(manifest.taken_at), "taken_at": manifest.taken_at}
    with engine.connect() as connection:
        ended = connection.execute(_ENDED, about | {"actor": restored.ACTOR})
        return Restored(
            taken_at=manifest.taken_at,
            rows=sum(manifest.rows.values()),
            withdrawn=connection.execute(_WITHDRAWN, about).scalar_one(),
            ended={row.id: row.about for row in ended},
            silences=connection.execute(_SILENCES, about).scalar_one(),
            revision=manifest.revision,
            wanted=migrate.head(),
        )


def show(done: Restored) -> None:
    """Say it to a person, with what is left to do."""
    say(f"restored {done.rows:,} rows, as they were at {done.taken_at:%Y-%m-%d %H:%M:%S} UTC")
    say(f"withdrew {done.withdrawn:,} messages that were on their way then: they may have arrived since")
    say(f"ended {len(done.ended):,} alerts that were open; what still fires opens anew and is told once")
    for number, about in done.ended.items():
        say(f"  {number}  {about}")
    if done.silences:
        say(f"{done.silences:,} silences are in force again, ended since or not: see tocsin silence list")
    if done.revision != done.wanted:
        say(f"the schema is at {done.revision} and this version wants {done.wanted}: run tocsin db upgrade")
