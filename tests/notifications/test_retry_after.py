"""What a server says about when to come back is understood, and bounded."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.channels.retry_after import retry_after

NOW = datetime(2026, 11, 21, 3, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        (" 30 ", 30),
        ("1.5", 1.5),
        ("0", 1),
        ("-30", 1),
        ("86400", 900),
        ("9" * 400, 900),
        ("inf", 900),
        ("Sat, 21 Nov 2026 03:13:05 GMT", 60),
        ("Sat, 21 Nov 2026 03:12:05 GMT", 1),
        ("Sat, 21 Nov 2026 03:13:05", 60),
        ("Sat, 21 Nov 2020 03:13:05 GMT", 1),
        ("Sat, 21 Nov 9999 03:13:05 GMT", 900),
        ("nan", None),
        ("", None),
        ("soon", None),
        ("\x00", None),
        ("Sat, 99 Nov 2026 99:99:99 GMT", None),
        (None, None),
    ],
)
def test_it_waits_as_asked_but_from_a_second_to_a_quarter_of_an_hour(
    header: str | None, seconds: float | None
) -> None:
    assert retry_after(header, NOW) == (None if seconds is None else timedelta(seconds=seconds))
