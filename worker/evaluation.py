"""Holds observations against rules, and turns what lasts into alerts."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Connection, Integer, any_, bindparam, delete, select, tuple_
from sqlalchemy.dialects.postgresql import Insert, insert

from domain.alerts import Change, EventKind, Watch, observe
from domain.severity import Severity
from models import AlertWatch, counters
from models.base import Json
from worker import alerts
from worker.alerts import Identity
from worker.observations import Observation

REMEMBERED = tuple(f.name for f in fields(Watch))


def _remember() -> Insert:
    statement = insert(AlertWatch)
    return statement.on_conflict_do_update(
        index_elements=[AlertWatch.host_id, AlertWatch.component, AlertWatch.rule],
        set_={name: statement.excluded[name] for name in REMEMBERED},
    )


# Made once, as every tick uses them.
WATCHES = select(AlertWatch.__table__).where(
    AlertWatch.host_id == any_(bindparam("host_ids", type_=ARRAY(Integer)))
)
REMEMBER = _remember()


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when observations were made, and how the system looked (asked only on a change)."""

    host_id: int
    at: datetime
    snapshot: Callable[[], Json]
    cooldown: timedelta
    is_drill: bool = False


class Evaluator:
    """Evaluates within one transaction: remembers watches while it goes on, writes them back once.

    The caller holds locks on the rows of the hosts, so that nobody else evaluates them at the same time.
    """

    def __init__(self, connection: Connection, host_ids: Iterable[int]) -> None:
        self._connection = connection
        self._watches = _load(connection, host_ids)
        self._changed: set[Identity] = set()
        self._observed: Counter[str] = Counter()
        self.alerts: list[int] = []

    def evaluate(self, scene: Scene, observations: Iterable[Observation]) -> None:
        for observation in observations:
            self._observe(scene, observation)

    def finish(self) -> None:
        """Write back what has to be remembered, and count what was looked at."""
        counters.count(self._connection, "evaluations", self._observed, label="rule")
        kept = {identity: self._watches[identity] for identity in self._changed}
        _save(self._connection, {identity: watch for identity, watch in kept.items() if not watch.idle})
        _forget(self._connection, [identity for identity, watch in kept.items() if watch.idle])

    def _observe(self, scene: Scene, seen: Observation) -> None:
        identity = Identity(scene.host_id, seen.component, seen.rule.name)
        before = self._watches.get(identity, Watch())
        self._observed[seen.rule.name] += 1
        after, change = observe(seen.rule, before, seen.value, scene.at)
        if after.idle and before.idle:
            return
        self._watches[identity] = after
        self._changed.add(identity)
        if change is not None:
            self.alerts.append(self._apply(scene, identity, seen, change, after))

    def _apply(
        self, scene: Scene, identity: Identity, seen: Observation, change: Change, watch: Watch
    ) -> int:
        if change.kind is not EventKind.OPENED:
            return alerts.change_alert(
                self._connection,
                identity,
                change,
                watch,
                value=seen.value,
                at=scene.at,
                snapshot=scene.snapshot(),
            )
        return alerts.open_alert(
            self._connection,
            identity,
            seen.rule,
            change,
            watch,
            value=seen.value,
            at=scene.at,
            snapshot=scene.snapshot(),
            cooldown=scene.cooldown,
            is_drill=scene.is_drill,
        )


def _load(connection: Connection, host_ids: Iterable[int]) -> dict[Identity, Watch]:
    rows = connection.execute(WATCHES, {"host_ids": list(host_ids)})
    return {Identity(r["host_id"], r["component"], r["rule"]): _watch(r) for r in rows.mappings()}


def _watch(row: Mapping[Any, Any]) -> Watch:
    severity = row["severity"]
    remembered = {name: row[name] for name in REMEMBERED if name != "severity"}
    return Watch(severity=Severity(severity) if severity else None, **remembered)


def _save(connection: Connection, watches: Mapping[Identity, Watch]) -> None:
    if not watches:
        return
    rows = [
        {"host_id": i.host_id, "component": i.component, "rule": i.rule}
        | {name: getattr(watch, name) for name in REMEMBERED}
        for i, watch in watches.items()
    ]
    connection.execute(REMEMBER, rows)


def _forget(connection: Connection, identities: list[Identity]) -> None:
    if not identities:
        return
    key = tuple_(AlertWatch.host_id, AlertWatch.component, AlertWatch.rule)
    connection.execute(
        delete(AlertWatch).where(key.in_([(i.host_id, i.component, i.rule) for i in identities]))
    )
