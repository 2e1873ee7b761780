"""What leaves next for a destination: messages one by one, many as one digest, or one to try it."""

from collections.abc import Sequence
from dataclasses import dataclass

# More than this for one recipient at once go as one digest.
SINGLY = 10

# How many messages are on their way to one destination side by side, and so may leave twice when their
# sender dies. Exchange Online takes no more connections at once (its "SMTP AUTH" limits).
SIDE_BY_SIDE = 3


@dataclass(frozen=True, slots=True)
class Due:
    """The deliveries of one recipient that are due.

    `digest_id` marks those that left in one digest whose arrival nobody knows of: they stay together, as the
    second copy has to be the same message. `oldest` is the lowest number among them.
    """

    recipient: str
    count: int
    oldest: int
    critical: bool = False
    digest_id: int | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """What to take next, with the reason in words: up to `most` deliveries of these recipients.

    With `digest` they become one message, a copy of `digest_id` where that is set.
    """

    recipients: tuple[str, ...]
    most: int
    reason: str
    digest: bool = False
    digest_id: int | None = None


def next_take(due: Sequence[Due], *, messages: int, at_once: int, probe: bool, most: int) -> Take:
    """Decide what leaves next, of at least one group and with at least one message allowed.

    `messages` is what the destination may get now, `at_once` how many of them side by side, `most` how many
    deliveries one digest tells of. A `probe` is one message.
    """
    ordered = sorted(due, key=lambda group: (not group.critical, group.oldest))
    if probe:
        return _probe(ordered, most)
    crowded = messages < sum(1 if _many(group) else group.count for group in ordered)
    first = ordered[0]
    if why := _gathered(first, messages, crowded=crowded):
        return Take((first.recipient,), most, why, digest=True, digest_id=first.digest_id)
    singly = [group for group in ordered if not _gathered(group, messages, crowded=crowded)]
    recipients = tuple(dict.fromkeys(group.recipient for group in singly))
    return Take(recipients, min(at_once, messages, SIDE_BY_SIDE), "one by one")


def _probe(ordered: Sequence[Due], most: int) -> Take:
    """The worst one alone; a digest that may have arrived can only be tried as a whole."""
    for group in ordered:
        if group.digest_id is None:
            return Take((group.recipient,), 1, "one message tries whether it works again")
    first = ordered[0]
    return Take((first.recipient,), most, _copy(), digest=True, digest_id=first.digest_id)


def _many(group: Due) -> bool:
    return group.count > SINGLY or group.digest_id is not None


def _gathered(group: Due, messages: int, *, crowded: bool) -> str | None:
    """Why the deliveries of a group become one message, None when each is one of its own."""
    if group.digest_id is not None:
        return _copy()
    if group.count > SINGLY:
        return f"{group.count:,} were due at once"
    if crowded and group.count > 1:
        return f"{group.count} were due, and it may get {messages} now"
    return None


def _copy() -> str:
    return "whether it arrived is not known"
