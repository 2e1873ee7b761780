"""A digest: many alerts in one message, counted in full, with a line for each of the worst."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from domain.severity import Severity
from notifications.notice import Notice
from notifications.wording import is_over

LINES = 40
TOP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """All that a digest tells of: how many fire, how many are over, and where most of them are."""

    critical: int
    warning: int
    over: int
    hosts: int
    components: int
    top_hosts: tuple[tuple[str, int], ...] = ()
    top_components: tuple[tuple[str, int], ...] = ()

    @property
    def total(self) -> int:
        return self.critical + self.warning + self.over


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Many notices for one delivery.

    `digest_id` is the number of its first delivery; `lines`, at least one, are the worst, the worst first,
    while `counts` covers all of them; `reason` says why they come as one.
    """

    digest_id: int
    planned_at: datetime
    lines: tuple[Notice, ...]
    counts: Counts
    reason: str = ""
    repeated: bool = False
    fallback_for: tuple[str, ...] = ()

    @classmethod
    def of(cls, notices: Sequence[Notice], reason: str = "") -> Self:
        """A digest that is counted from the notices themselves, of which there is at least one."""
        first = min(notices, key=lambda notice: notice.delivery_id)
        return cls(
            digest_id=first.delivery_id,
            planned_at=first.at,
            lines=tuple(worst_first(notices)[:LINES]),
            counts=count(notices),
            reason=reason,
            repeated=any(notice.repeated for notice in notices),
            fallback_for=tuple(sorted({n.fallback_for for n in notices if n.fallback_for})),
        )

    @property
    def over(self) -> bool:
        """Nothing of it fires any more."""
        return self.counts.critical == self.counts.warning == 0

    @property
    def severity(self) -> Severity:
        """The worst that fires; where all is over, the worst that fired."""
        if self.over:
            return max((line.severity for line in self.lines), key=lambda severity: severity.rank)
        return Severity.CRITICAL if self.counts.critical else Severity.WARNING

    @property
    def is_drill(self) -> bool:
        return all(line.is_drill for line in self.lines)


def worst_first(notices: Sequence[Notice]) -> list[Notice]:
    """What fires before what is over, criticals before warnings, then by host and component."""
    return sorted(notices, key=lambda n: (is_over(n), -n.severity.rank, n.host, n.component, n.at))


def count(notices: Sequence[Notice]) -> Counts:
    firing = Counter(notice.severity for notice in notices if not is_over(notice))
    hosts = Counter(notice.host for notice in notices)
    components = Counter(notice.component for notice in notices)
    return Counts(
        critical=firing[Severity.CRITICAL],
        warning=firing[Severity.WARNING],
        over=len(notices) - firing.total(),
        hosts=len(hosts),
        components=len(components),
        top_hosts=tuple(hosts.most_common(TOP)),
        top_components=tuple(components.most_common(TOP)),
    )
