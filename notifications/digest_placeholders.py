"""What the templates of a digest may say: counts, the worst lines, and how to see the rest."""

from collections.abc import Iterator, Sequence

from notifications.context import DigestContext, DigestLine
from notifications.digest import Digest
from notifications.escaping import plain
from notifications.wording import DRILL, NAME, SECOND_COPY, name

LIST_COMMAND = "tocsin alerts list"
LINE_NAME = 48


def digest_placeholders(digest: Digest, subjects: Sequence[str], *, width: int = NAME) -> DigestContext:
    """Everything that a template of a digest can name, not yet escaped.

    `subjects` are those that the notice of each line would have had alone; `width` bounds the name of a host
    in the headline, in code points.
    """
    counts = digest.counts
    return DigestContext(
        severity="RESOLVED" if digest.over else digest.severity.value.upper(),
        drill=digest.is_drill,
        digest_id=digest.digest_id,
        total=f"{counts.total:,}",
        tally=", ".join(_tally(digest)),
        where=f"{counts.hosts:,} hosts" if counts.hosts != 1 else name(digest.lines[0].host, width),
        reason=plain(digest.reason, 300),
        marks=tuple(_marks(digest)),
        hosts=_top(counts.top_hosts, counts.hosts),
        components=_top(counts.top_components, counts.components),
        lines=tuple(_lines(digest, subjects)),
        more=f"{counts.total - len(digest.lines):,}" if counts.total > len(digest.lines) else None,
        show_command=LIST_COMMAND,
    )


def _tally(digest: Digest) -> Iterator[str]:
    counts = digest.counts
    for number, sort in ((counts.critical, "critical"), (counts.warning, "warning"), (counts.over, "over")):
        if number:
            yield f"{number:,} {sort}"


def _marks(digest: Digest) -> Iterator[str]:
    """What must be read before the rest, as on a single message."""
    if digest.is_drill:
        yield DRILL
    if digest.repeated:
        yield SECOND_COPY
    if digest.fallback_for:
        names = ", ".join(name(one, LINE_NAME) for one in digest.fallback_for)
        yield f"Sent here because {names} could not be reached."


def _top(shares: Sequence[tuple[str, int]], number: int) -> str:
    shown = ", ".join(f"{name(one, LINE_NAME)} ({share:,})" for one, share in shares)
    return shown if number <= len(shares) else f"{shown} and {number - len(shares):,} more"


def _lines(digest: Digest, subjects: Sequence[str]) -> Iterator[DigestLine]:
    """Each alert in one line; that it may have been told before is said of it unless it is said of all."""
    for line, subject in zip(digest.lines, subjects, strict=True):
        repeated = line.repeated and not digest.repeated
        yield DigestLine(id=str(line.alert_id), subject=subject, repeated=repeated)
