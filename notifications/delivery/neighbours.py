"""What else is wrong on a host: the worst of its open alerts, and how many there are."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from domain.severity import Severity
from notifications.notice import OpenAlert

MOST = 5

# One more than is shown, as one of them may be the alert that is being told of.
OPEN = text("""
    SELECT host_id, id, severity, component, value, unit, opened_at, total
      FROM (SELECT a.*, count(*) OVER (PARTITION BY host_id) AS total,
                   row_number() OVER (PARTITION BY host_id ORDER BY severity, opened_at, id) AS place
              FROM infrastructure_alerts AS a
             WHERE host_id = ANY(:host_ids) AND resolved_at IS NULL) AS ranked
     WHERE place <= :most
     ORDER BY host_id, place
""")


@dataclass(frozen=True, slots=True)
class Open:
    """The worst of the alerts that are open on a host, and how many are."""

    worst: tuple[OpenAlert, ...] = ()
    total: int = 0

    def without(self, alert_id: int, *, is_open: bool) -> "Open":
        """The others, where one of this number is being told of, which is open or over by now."""
        others = tuple(one for one in self.worst if one.alert_id != alert_id)
        return Open(others[:MOST], self.total - is_open)


def open_alerts(connection: Connection, host_ids: Collection[int]) -> Mapping[int, Open]:
    """What is open on each of the hosts, criticals first and then the oldest; nothing for a host without."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(OPEN, {"host_ids": list(host_ids), "most": MOST + 1}):
        found[row.host_id].append(row)
    return {host_id: Open(tuple(map(_alert, rows)), rows[0].total) for host_id, rows in found.items()}


def _alert(row: Any) -> OpenAlert:
    return OpenAlert(
        alert_id=row.id,
        severity=Severity(row.severity),
        component=row.component,
        value=row.value,
        unit=row.unit,
        opened_at=row.opened_at,
    )
