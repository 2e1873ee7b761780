"""How results are printed: JSON for programs, harmless text for terminals."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr

from cli.documents import plain
from cli.output import print_json, printable, say, table, warn
from domain.severity import Severity

AT = datetime(2026, 11, 21, 3, 12, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Thing:
    at: datetime
    parts: tuple[Severity, ...]


@pytest.mark.parametrize(
    ("value", "document"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (1.5, 1.5),
        (float("nan"), None),
        (float("-inf"), None),
        ("é", "é"),
        ("\udcff", "?"),
        (Severity.CRITICAL, "critical"),
        (AT, "2026-11-21T03:12:05Z"),
        (AT.astimezone(timezone(timedelta(hours=5))), "2026-11-21T03:12:05Z"),
        (AT.replace(microsecond=250_000), "2026-11-21T03:12:05.250000Z"),
        (date(2026, 11, 21), "2026-11-21"),
        (timedelta(minutes=1.5), 90.0),
        (Path("/a"), "/a"),
        (Decimal("1.10"), "1.10"),
        (UUID(int=0), "00000000-0000-0000-0000-000000000000"),
        (SecretStr("s"), "****"),
        ({Severity.WARNING: (1, 2)}, {"warning": [1, 2]}),
        (frozenset({"b", "a"}), ["a", "b"]),
        (Thing(AT, (Severity.WARNING,)), {"at": "2026-11-21T03:12:05Z", "parts": ["warning"]}),
    ],
)
def test_every_value_has_its_words_in_json(value: object, document: object) -> None:
    assert plain(value) == document


def test_json_is_strict_and_readable(capsys: pytest.CaptureFixture[str]) -> None:
    print_json([{"name": "ü", "value": float("nan")}])
    assert json.loads(capsys.readouterr().out) == [{"name": "ü", "value": None}]


def test_hostile_names_in_json_stay_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"host": "a\x1b[31m\u202e\x9b\U000e0001"})
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert json.loads(out) == {"host": "a\x1b[31m\u202e\x9b\U000e0001"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\rb", r"a\rb"),
        ("\u202e", r"\u202e"),
        ("é\n", "é\n"),
        ("\x9b", r"\x9b"),
    ],
)
def test_text_has_no_power_over_the_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_results_and_warnings_go_different_ways(capsys: pytest.CaptureFixture[str]) -> None:
    say("done\x07")
    warn("odd")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("done\\x07\n", "warning: odd\n")


def test_a_table_is_aligned_and_takes_names_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    table(
        ("HOST", "CPU", "AT"),
        [("web[red]", 7.25, AT), ("\x1b[31m:bell:", None, None), ("x" * 300, 12345.6, AT)],
        numbers=("CPU",),
    )
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["HOST", "CPU", "AT"]
    assert rows[0].split(maxsplit=2) == ["web[red]", "7.25", "2026-11-21 03:12:05"]
    assert rows[1].split() == [r"\x1b[31m:bell:", "-", "-"]
    assert rows[2].startswith("x" * 300)
    assert {line.index("7.25") + 4 for line in rows if "7.25" in line} == {header.index("CPU") + 3}
