"""What the watchdog remembers of each part: that it stopped, what people heard of it, and the end."""

from datetime import timedelta

from psycopg.rows import dict_row

from tests.watchdog.conftest import Book
from watchdog import outages
from watchdog.outages import LASTING, TELL_AGAIN_AFTER, note, to_tell, told
from watchdog.verdict import State, Verdict

A_MOMENT = timedelta(seconds=5)


def stops(part: str, reason: str = "it hangs") -> Verdict:
    return Verdict(part, State.STOPPED, reason, "start it anew")


def lives(part: str, *, told_by_others: bool = False) -> Verdict:
    return Verdict(part, State.ALIVE, "it works", told_by_others=told_by_others)


def news(book: Book) -> list[tuple[str, bool]]:
    """What is to be told: each part, and whether it is over."""
    return [(one.part, one.ended_at is not None) for one in to_tell(book)]


def tell(book: Book) -> list[tuple[str, bool]]:
    """The same, and somebody has got it."""
    said = news(book)
    told(book, to_tell(book))
    return said


def pass_time(book: Book, span: timedelta) -> None:
    book.execute(
        "UPDATE outages SET began_at = began_at - %(span)s, ended_at = ended_at - %(span)s,"
        " told_at = told_at - %(span)s, end_told_at = end_told_at - %(span)s",
        {"span": span},
    )


def test_each_part_has_its_own_beginning_and_its_own_end(book: Book) -> None:
    note(book, [stops("beat"), stops("queue health")])
    assert tell(book) == [("beat", False), ("queue health", False)]
    note(book, [lives("beat"), stops("queue health")])
    assert tell(book) == [("beat", True)]
    note(book, [lives("beat"), lives("queue health")])
    assert tell(book) == [("queue health", True)]
    assert news(book) == []


def test_what_somebody_has_not_got_is_still_to_be_told(book: Book) -> None:
    note(book, [stops("beat"), stops("redis")])
    first, _ = to_tell(book)
    told(book, [first])
    assert news(book) == [("redis", False)]


def test_of_what_nobody_can_tell_nothing_is_written_down(book: Book) -> None:
    note(book, [stops("beat")])
    tell(book)
    note(book, [Verdict("beat", State.UNKNOWN, "it cannot work"), Verdict("redis", State.UNKNOWN, "?")])
    assert news(book) == []
    with book.cursor(row_factory=dict_row) as cursor:
        [row] = cursor.execute("SELECT part, ended_at FROM outages").fetchall()
    assert row == {"part": "beat", "ended_at": None}


def test_while_it_lasts_the_newest_reason_counts(book: Book) -> None:
    note(book, [stops("beat", "for 26 s"), stops("redis", "for 26 s")])
    note(book, [stops("beat", "for 31 s")])
    assert [(one.part, one.reason) for one in to_tell(book)] == [("beat", "for 31 s"), ("redis", "for 26 s")]


def test_nobody_hears_the_end_of_what_nobody_heard_of(book: Book) -> None:
    note(book, [stops("beat")])
    note(book, [lives("beat")])
    assert news(book) == []


def test_of_what_an_alert_tells_from_now_on_the_end_is_not_told(book: Book) -> None:
    note(book, [stops("collectors"), stops("beat")])
    tell(book)
    note(book, [lives("collectors", told_by_others=True), lives("beat")])
    assert news(book) == [("beat", True)]


def test_it_is_told_again_after_15_minutes_and_not_before(book: Book) -> None:
    note(book, [stops("beat")])
    tell(book)
    pass_time(book, TELL_AGAIN_AFTER - A_MOMENT)
    assert news(book) == []
    note(book, [stops("redis")])
    assert tell(book) == [("redis", False)]
    pass_time(book, 2 * A_MOMENT)
    assert news(book) == [("beat", False)]


def test_what_stops_anew_soon_after_is_told_when_it_has_lasted(book: Book) -> None:
    note(book, [stops("beat")])
    tell(book)
    note(book, [lives("beat")])
    assert tell(book) == [("beat", True)]
    note(book, [stops("beat")])
    pass_time(book, LASTING - A_MOMENT)
    assert news(book) == []
    pass_time(book, 2 * A_MOMENT)
    assert tell(book) == [("beat", False)]
    note(book, [lives("beat")])
    assert tell(book) == [("beat", True)]


def test_an_end_that_could_not_be_told_is_told_later(book: Book) -> None:
    note(book, [stops("beat")])
    tell(book)
    note(book, [lives("beat")])
    pass_time(book, timedelta(hours=3))
    [over] = to_tell(book)
    assert (over.part, over.reason, over.remedy) == ("beat", "it hangs", "start it anew")
    outages.told(book, [over])
    assert news(book) == []
