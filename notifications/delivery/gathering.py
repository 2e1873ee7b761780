"""Makes one digest of many claimed deliveries: all are counted, and the worst have a line."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import nsmallest

from domain.severity import Severity
from notifications.delivery.parcel import Bundle, Claimed
from notifications.digest import LINES, TOP, Counts, Digest
from notifications.notice import Notice


def worst(claimed: Iterable[Claimed]) -> list[Claimed]:
    """Those that have a line: what fires before what is over, criticals first, then by host."""
    return nsmallest(
        LINES,
        claimed,
        key=lambda one: (one.over, -one.occasion.severity.rank, one.host, one.component, one.id),
    )


def digest(bundle: Bundle, claimed: Sequence[Claimed], told: Mapping[int, Notice]) -> Digest:
    """The digest of all that was claimed; `told` are the notices of the worst, by the delivery's number."""
    return Digest(
        digest_id=bundle.digest_id,
        planned_at=bundle.planned_at,
        lines=tuple(told[one.id] for one in worst(claimed)),
        counts=counts(claimed),
        reason=bundle.reason,
        repeated=bundle.repeated,
        fallback_for=tuple(sorted({one.fallback_for for one in claimed if one.fallback_for})),
    )


def counts(claimed: Sequence[Claimed]) -> Counts:
    firing = Counter(one.occasion.severity for one in claimed if not one.over)
    hosts = Counter(one.host for one in claimed)
    components = Counter(one.component for one in claimed)
    return Counts(
        critical=firing[Severity.CRITICAL],
        warning=firing[Severity.WARNING],
        over=len(claimed) - firing.total(),
        hosts=len(hosts),
        components=len(components),
        top_hosts=tuple(hosts.most_common(TOP)),
        top_components=tuple(components.most_common(TOP)),
    )
