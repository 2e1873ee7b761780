"""Times that come again, on the command line: `22:00 8h mon,tue` is a start in UTC, a length and days."""

from cli.errors import USAGE, CommandError
from policy.durations import spelt as spelt_duration
from policy.file.keys import clock_of, days_of, span_of
from policy.windows import EVERY_DAY, WEEKDAYS, Recurring
from settings import FaultError, shown

REMEDY = 'write a start in UTC, a length and days, as "22:00 8h mon,tue"; without days it is every day'


def recurring(option: str, text: str) -> Recurring:
    """A time that comes again; raises CommandError, which says what is wrong with it."""
    words = text.split(maxsplit=2)
    if len(words) not in (2, 3):
        raise CommandError(f"{option}: {shown(text)} is no time that comes again", REMEDY, USAGE)
    start, length, days = [*words, ""][:3]
    try:
        named = days_of(days.replace(" ", "").lower().split(",")) if days else EVERY_DAY
        return Recurring(clock_of(start), span_of(length), named)
    except FaultError as error:
        raise CommandError(f"{option}: {error.fault}", REMEDY, USAGE) from None


def spelt(again: Recurring) -> str:
    """As `recurring` reads it."""
    days = "" if again.days == EVERY_DAY else " " + ",".join(WEEKDAYS[day] for day in sorted(again.days))
    return f"{again.start:%H:%M} {spelt_duration(again.duration)}{days}"
