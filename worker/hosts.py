"""The hosts behind the samples: known by name, locked while their samples are stored and evaluated."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from domain.hosts import SELF
from domain.sample import SystemSample
from models import Host
from worker.arrival import Arrived

FACTS = (
    "clock_skew_s",
    "system",
    "release",
    "architecture",
    "python_version",
    "boot_time",
    "cpu_count",
    "memory_total_gb",
    "missing",
)


# The kernel reckons it back from the clock, which may be moved a little.
ONE_BOOT = timedelta(seconds=10)


def _know() -> ReturningInsert[str, int]:
    statement = insert(Host)
    new = statement.excluded
    newest = {name: func.coalesce(new[name], Host.__table__.c[name]) for name in FACTS}
    # A machine that boots anew has a later boot, and a clock that is set right moves it once.
    went_back = new.boot_time < Host.boot_time - ONE_BOOT
    contested_at = case(
        (new.contested_at.is_not(None), new.contested_at),
        (went_back, new.last_seen_at),
        else_=Host.contested_at,
    )
    return statement.on_conflict_do_update(
        index_elements=[Host.name],
        set_={
            "last_seen_at": func.greatest(Host.last_seen_at, new.last_seen_at),
            "contested_at": contested_at,
            "retired_at": case((new.last_seen_at.is_(None), Host.retired_at)),
            **newest,
        },
    ).returning(Host.name, Host.id)


# Made once: with the rows in it, its words were made anew for each batch, three times what all else costs.
KNOW = _know()


# An update that changes nothing, because an insert that does nothing returns nothing.
KNOW_SELF = (
    insert(Host)
    .values(name=SELF, kind="self", first_seen_at=bindparam("now"))
    .on_conflict_do_update(index_elements=[Host.name], set_={"kind": "self"})
    .returning(Host.id)
)


def know(connection: Connection, arrived: Iterable[Arrived]) -> Mapping[str, int]:
    """The ids of the hosts of some samples, by name, with what the newest sample says of each.

    The rows stay locked until the transaction ends, always in the order of the names, so that a host is
    evaluated by one recorder at a time and two recorders never wait for each other in a circle.
    """
    # Readings of the machine last: of several samples of a host they say the most, and the newest wins.
    in_order = sorted(arrived, key=lambda a: (isinstance(a.sample, SystemSample), a.at))
    rows: dict[str, dict[str, Any]] = {}
    for one in in_order:
        rows[one.sample.host] = _row(one, rows.get(one.sample.host))
    known = connection.execute(KNOW, [rows[name] for name in sorted(rows)])
    return {row.name: row.id for row in known}


def know_self(connection: Connection, now: datetime) -> int:
    """The id of the row that stands for Tocsin's own services."""
    return connection.execute(KNOW_SELF, {"now": now}).scalar_one()


def _row(one: Arrived, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a sample says of its host, after another one of the same batch."""
    row: dict[str, Any] = dict.fromkeys((*FACTS, "contested_at"))
    row |= {"name": one.sample.host, "kind": "host", "first_seen_at": one.at, "last_seen_at": None}
    if isinstance(one.sample, SystemSample):
        row |= asdict(one.sample.platform) | {
            "last_seen_at": one.at,
            "clock_skew_s": (one.sample.collected_at - one.at).total_seconds(),
            "missing": one.sample.missing,
        }
        if before is not None:
            row["contested_at"] = _contested_at(before, row)
    return row


def _contested_at(before: Mapping[str, Any], row: Mapping[str, Any]) -> datetime | None:
    """When two machines sent as one host, by two rows of it from one batch; None where they do not say so."""
    boots_apart = abs(row["boot_time"] - (before["boot_time"] or row["boot_time"])) > ONE_BOOT
    moment: datetime | None = row["last_seen_at"] if boots_apart else before["contested_at"]
    return moment
