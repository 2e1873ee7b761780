"""Silences for people: the list, and one in a sentence."""

from collections.abc import Sequence
from datetime import UTC, datetime

from cli.output import table
from cli.silencing.queries import ListedSilence
from domain.severity import Severity
from notifications.quantities import moment
from notifications.silences import Phase


def table_of(silences: Sequence[ListedSilence]) -> None:
    """Print a list of silences, a line each."""
    table(
        ("ID", "STATE", "FROM (UTC)", "TO (UTC)", "EVERY", "WHAT", "BY", "WHY"),
        [
            (
                one.id,
                _state(one),
                _minute(one.starts_at),
                _minute(one.ends_at),
                one.every,
                _what(one),
                one.created_by,
                one.reason,
            )
            for one in silences
        ],
        numbers=("ID",),
    )


def sentence_of(silence: ListedSilence) -> str:
    """What it silences and when, as `disk on db-*, until 2026-11-21 05:00:00 UTC`."""
    when = f"until {moment(silence.ends_at)}"
    if silence.phase is Phase.COMING:
        when = f"from {moment(silence.starts_at)} {when}"
    again = f", every {silence.every} UTC" if silence.every else ""
    return f"nobody is told of {_what(silence)}{again}, {when}"


def _state(silence: ListedSilence) -> str:
    return f"ended by {silence.ended_by}" if silence.ended_by else silence.phase


def _what(silence: ListedSilence) -> str:
    hosts, components = ", ".join(silence.hosts), ", ".join(silence.components)
    worst = "" if len(silence.severities) == len(Severity) else f", {' and '.join(silence.severities)} only"
    if (hosts, components) == ("*", "*"):
        return f"anything{worst}"
    what = "anything" if components == "*" else components
    return f"{what} on {'every host' if hosts == '*' else hosts}{worst}"


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
