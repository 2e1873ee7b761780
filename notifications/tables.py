"""The tables of a message: where, how much, since when; and what was gathered about it on top."""

from collections.abc import Iterator

from domain.alerts import EventKind
from notifications.context import Row
from notifications.notice import Coming, Notice, Told
from notifications.quantities import clock, moment, span
from notifications.wording import amount, health, is_over, is_taken, measured, name, open_for, sentence

TOLD, COMING = 6, 3


def rows(notice: Notice) -> Iterator[Row]:
    """Where, how much, since when, and what belongs to this kind of event."""
    yield Row("Host", name(notice.host), verbatim=True)
    yield Row("Component", name(notice.component), verbatim=True)
    yield from _ended(notice) if is_over(notice) else _open(notice)
    yield Row("Rule", name(notice.rule), verbatim=True)


def _open(notice: Notice) -> Iterator[Row]:
    limits = f"limit {amount(notice, notice.threshold)}"
    if notice.peak not in (None, notice.value):
        limits += f", peak {amount(notice, notice.peak)}"
    yield Row("Value", f"{measured(notice)} ({limits})")
    yield Row("Since", f"{moment(notice.breach_since)} ({span(notice.at - notice.breach_since)})")
    if is_taken(notice):
        yield Row("Taken by", name(notice.acknowledged_by or "somebody"), verbatim=True)
        yield Row("Taken at", f"{moment(notice.acknowledged_at or notice.at)}{_waited(notice)}")


def _ended(notice: Notice) -> Iterator[Row]:
    """From when to when it was, how bad, how bad it is now, who had it, and what it took to tell."""
    # One that is told of once, as fired and over, brings the value with which it fired.
    label = "Value now" if notice.kind is EventKind.RESOLVED else "Value"
    yield Row(label, f"{measured(notice)} (limit {amount(notice, notice.threshold)})")
    if notice.peak is not None:
        yield Row("Peak", amount(notice, notice.peak))
    yield Row("Began", moment(notice.opened_at))
    yield Row("Ended", moment(notice.resolved_at or notice.at))
    yield Row("Open for", span(open_for(notice)))
    if notice.acknowledged_at is None and notice.acknowledged_by is None:
        yield Row("Taken by", "nobody")
    else:
        yield Row("Taken by", name(notice.acknowledged_by or "somebody"), verbatim=True)
        yield Row("Taken at", f"{moment(notice.acknowledged_at or notice.at)}{_waited(notice)}")
    if notice.background.messages is not None:
        yield Row("Messages", f"{notice.background.messages:,}, with this one")


def _waited(notice: Notice) -> str:
    if notice.acknowledged_at is None:
        return ""
    return f" ({span(notice.acknowledged_at - notice.opened_at)} after it opened)"


def background(notice: Notice) -> Iterator[Row]:
    """What helps to decide whether to get up: health, how it was before, who knows, who is next."""
    sentences = {
        "Health": health(notice.health) if notice.health else None,
        "Before": past(notice),
        "Told": told(notice),
    }
    for label, words in sentences.items():
        if words:
            yield Row(label, words)
    for words in coming(notice):
        yield Row("Next", words)


def past(notice: Notice) -> str | None:
    """How often it happened before, and how long that took."""
    before = notice.background.past
    if before is None:
        return None
    if not before.times:
        return f"not once in the {before.days} days before"
    often = "once" if before.times == 1 else f"{before.times:,} times"
    median = "" if before.median is None else f", half of them over within {span(before.median)}"
    if before.times == 1 and before.median is not None:
        median = f", over within {span(before.median)}"
    return f"{often} in the {before.days} days before{median}"


def told(notice: Notice) -> str | None:
    """Who hears of it, and when they did."""
    who = notice.background.told
    shown = "; ".join(_told(notice, one) for one in who[:TOLD])
    return (f"{shown}; and {len(who) - TOLD} more" if len(who) > TOLD else shown) or None


def _told(notice: Notice, one: Told) -> str:
    addresses = f" ({one.addresses} addresses)" if one.addresses > 1 else ""
    when = "now" if one.at is None else clock(one.at, notice.at)
    return f"{name(one.destination, 60)}{addresses} {when}"


def coming(notice: Notice) -> Iterator[str]:
    """What happens next if nobody does anything."""
    for one in notice.background.coming[:COMING]:
        yield _coming(notice, one)


def _coming(notice: Notice, one: Coming) -> str:
    what = sentence(notice, one.what)
    return what if one.at is None else f"{clock(one.at, notice.at)}, {what}"


def missing(notice: Notice) -> str | None:
    """What was left out because it could not be had in time."""
    parts = notice.background.missing
    return f"Left out, as the database did not say it in time: {', '.join(parts)}." if parts else None
