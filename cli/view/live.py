"""The live view of `tocsin up`: everything that is the case on one screen, however small it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.text import Text

from beat_schedule import ENTRIES, Entry
from cli.lines import columns, cut, join, text, wrapped
from cli.view import sections
from cli.view.sections import FAINT, SEVERITY_STYLES, WIDE, Section, ago
from cli.view.situation import Situation
from cli.view.verdict import Finding, findings, worst
from domain.severity import Severity
from embedded import State, Status

STATE_STYLES = {State.RUNNING: "green", State.STARTING: "yellow", State.WAITING: "bold red"}


@dataclass(frozen=True, slots=True)
class Picture:
    """What the view shows: the situation (None before the first), the programs, and where things are.

    `began` is when the programs were started, on the clock of the situation, `addresses` are names with what
    they stand for, and `trouble` says why the situation is old.
    """

    at: datetime
    situation: Situation | None
    programs: Sequence[Status]
    addresses: Mapping[str, str]
    began: datetime
    trouble: str | None = None


def page(picture: Picture, *, width: int, height: int | None = None) -> Text:
    """The whole view in lines of at most `width` cells; the dense form where `height` is too small."""
    roomy = _lines(picture, width, roomy=True)
    lines = roomy if height is None or len(roomy) <= height else _lines(picture, width, roomy=False)
    return Text("\n", no_wrap=True, overflow="crop").join(cut(line, width) for line in lines[:height])


def _lines(picture: Picture, width: int, *, roomy: bool) -> list[Text]:
    lines = [_title(picture, width), _verdict(picture, width)]
    for section in _sections(picture, width, roomy=roomy):
        lines += [Text()] if roomy else []
        lines += [Text(section.title, style="bold cyan"), *section.lines]
    return lines


def _sections(picture: Picture, width: int, *, roomy: bool) -> list[Section]:
    now, most = picture.situation, 12 if roomy else 3
    found = [_died(picture.programs, width, most)] if _down(picture.programs) else []
    if now is not None:
        found += [
            sections.hosts(now.readings, now.checks, width=width, most=most),
            sections.health(now, width=width, most=most),
            sections.alerts(now, width=width, most=most),
            sections.told(now, width=width, most=5 if roomy else 2),
        ]
    if roomy and width >= WIDE:
        found.append(_beside(tasks_table(now), _programs_table(picture), width))
    elif roomy:
        found += [
            Section("TASKS", columns(tasks_table(now), width=width)),
            Section("PROGRAMS", columns(_programs_table(picture), width=width)),
        ]
    else:
        found += [
            Section("TASKS", _tasks_dense(now, width)),
            Section("PROGRAMS", _programs_dense(picture, width)),
        ]
    return [*found, _addresses(picture.addresses, width)]


def _title(picture: Picture, width: int) -> Text:
    left, right = Text("Tocsin", style="bold"), Text(f"{picture.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")
    return cut(join([left, right], " " * max(2, width - left.cell_len - right.cell_len)), width)


def _verdict(picture: Picture, width: int) -> Text:
    if picture.trouble:
        return cut(text(picture.trouble, "bold red"), width)
    down = [Finding(Severity.CRITICAL, f"{one.name} is down") for one in _down(picture.programs)]
    if picture.situation is None:
        return text("starting ..." if not down else down[0].sentence, FAINT)
    found = [*down, *findings(picture.situation, picture.began)]
    return cut(verdict(found, picture.situation), width)


def verdict(found: Sequence[Finding], now: Situation) -> Text:
    """One line: that all is well, or how many things are not and the worst of them."""
    severity = worst(found)
    if severity is None:
        hosts = f"{len(now.readings):,} host{'' if len(now.readings) == 1 else 's'}"
        return text(f"All is well: {hosts}, no open alert.", "green")
    word = "Critical" if severity is Severity.CRITICAL else "Warning"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return text(f"{word}{more}: {found[0].sentence}", SEVERITY_STYLES[severity])


def tasks_table(now: Situation | None) -> list[list[Text | str]]:
    """Every task of the schedule, when it ran last, and what came of it or when a chore comes next."""
    return [[entry.task, *_last(now, entry)] for entry in ENTRIES]


def _last(now: Situation | None, entry: Entry) -> tuple[Text, Text]:
    run = now.run_of(entry.task) if now else None
    after = text(f"next {entry.next_after(now.at):%H:%M} UTC", FAINT) if now and entry.chore else Text()
    if now is None or run is None:
        return text("not yet", FAINT), after
    return text(ago(run.at, now.at)), after if run.outcome == "done" else text(run.outcome, "bold red")


def _tasks_dense(now: Situation | None, width: int) -> list[Text]:
    parts = [join([task, when, outcome], " ") for task, when, outcome in tasks_table(now)]
    for part in parts:
        part.rstrip()
    return wrapped(parts, width)


def _programs_table(picture: Picture) -> list[list[Text | str]]:
    return [
        [
            one.name,
            text(one.state, STATE_STYLES.get(one.state, "")),
            text(f"pid {one.pid}" if one.pid else "", FAINT),
            text(f"for {ago(one.since, picture.at).removesuffix(' ago')}", FAINT),
            text(f"restarted {one.restarts} x" if one.restarts else "", "dark_orange"),
        ]
        for one in picture.programs
    ]


def _programs_dense(picture: Picture, width: int) -> list[Text]:
    return wrapped([text(one.name, STATE_STYLES.get(one.state, "")) for one in picture.programs], width)


def _died(programs: Sequence[Status], width: int, most: int) -> Section:
    """The last words of the programs that are down, with where all of their log is; `most` lines of logs."""
    down = _down(programs)
    lines = [line for one in down for line in _last_words(one.reason, max(1, most // len(down)))]
    return Section("DOWN, AND BEING RESTARTED", [cut(text(line, "red"), width) for line in lines])


def _down(programs: Sequence[Status]) -> list[Status]:
    return [one for one in programs if one.state is State.WAITING]


def _last_words(reason: str, most: int) -> list[str]:
    """How it ended, on a line of its own where its log is, and the end of that."""
    said, *log = [line for line in reason.splitlines() if line.strip()] or ["it was never started"]
    how, _, where = said.partition(". ")
    return [how, *([f"  {where}"] if where else []), *log[-most:]]


def _addresses(addresses: Mapping[str, str], width: int) -> Section:
    return Section("WHERE", columns([[text(k, "bold"), v] for k, v in addresses.items()], width=width))


def _beside(
    left: Sequence[Sequence[Text | str]], right: Sequence[Sequence[Text | str]], width: int
) -> Section:
    """Two tables side by side, under a title that names both."""
    half = width // 2 - 2
    one, other = columns(left, width=half), columns(right, width=width - half - 4)
    lines = []
    for number in range(max(len(one), len(other))):
        start = one[number].copy() if number < len(one) else Text()
        start.pad_right(half + 4 - start.cell_len)
        lines.append(start + (other[number] if number < len(other) else Text()))
    return Section(f"{'TASKS':<{half + 4}}PROGRAMS", lines)
