"""The sections of a page about what is the case: each a title and lines of a given width."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rich.text import Text

from cli.lines import STYLES, Cell, columns, cut, join, text, wrapped
from cli.view.situation import Check, OpenAlert, Reading, Situation, Told
from domain.cadence import SILENCE
from domain.health import LEVELS, HealthStatus
from notifications.quantities import span

SEVERITY_STYLES = {"critical": "bold red", "warning": "dark_orange"}
COLOURS = {level.name: STYLES[level.colour] for level in LEVELS}
FAINT = "dim"
DASH = Text("-", style=FAINT)
WIDE = 100


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a title; `more` says how many things were left out."""

    title: str
    lines: Sequence[Text]


def hosts(readings: Sequence[Reading], checks: Sequence[Check] | None, *, width: int, most: int) -> Section:
    """The newest figures of each host, those with the worst health first where not all can be shown.

    Without `checks` nothing is known of health, and how long the host has been up is shown instead.
    """
    if not readings:
        return Section("HOSTS", [text("no sample yet; the first one comes within seconds", FAINT)])
    machine = {check.host: check for check in checks or () if check.component == "machine"}
    shown = sorted(readings, key=lambda one: _urgency(one, machine.get(one.host)))[:most]
    wide = width >= WIDE
    head = ["HOST", "SEEN", "CPU %", *(["5 MIN"] if wide else []), "LOAD", "MEM %", "DISK %", "IN/s", "OUT/s"]
    rows: list[Sequence[Cell]] = [
        [Text(word, style=FAINT) for word in [*head, "UP" if checks is None else "HEALTH"]]
    ]
    for one in sorted(shown, key=lambda one: one.host):
        last = _up(one) if checks is None else _score(machine.get(one.host))
        rows.append(_host(one, last, wide=wide))
    lines = columns(rows, width=width, right=range(1, len(head)), elastic=0)
    left_out = len(readings) - len(shown)
    return Section("HOSTS", [*lines, *([text(f"and {left_out:,} more", FAINT)] if left_out else [])])


def health(now: Situation, *, width: int, most: int) -> Section:
    """How each score comes about, with what is wrong in words, and how Tocsin's own servers answer."""
    machines = sorted(
        (c for c in now.checks if c.component == "machine"), key=lambda c: (c.score is None, c.score or 0)
    )
    lines = [line for check in machines[:most] for line in _health(check, width)]
    services = [check for check in now.checks if check.component != "machine" and _speaks(check)]
    if services:
        waiting = text(f"samples to store: {now.waiting:,}", "" if now.waiting < 100 else "dark_orange")
        lines += wrapped([*map(_service, services), waiting], width)
        lines += [line for check in services for line in _complaints(check, width)]
    return Section("HEALTH", lines or [text("not checked yet; the first check comes within 15 s", FAINT)])


def alerts(now: Situation, *, width: int, most: int) -> Section:
    """The open alerts, two lines each: what it is about, and what is the matter."""
    lines = [line for alert in now.alerts[:most] for line in _alert(alert, now.at, width)]
    if len(now.alerts) > most:
        lines.append(text(f"and {len(now.alerts) - most:,} more; tocsin alerts list shows all", FAINT))
    return Section("OPEN ALERTS", lines or [text("none", "green")])


def told(now: Situation, *, width: int, most: int) -> Section:
    """What people were told last, and what did not reach them."""
    newest = sorted(now.told, key=lambda one: one.at, reverse=True)[:most]
    rows = [_told(one, now.at) for one in newest]
    lines = columns(rows, width=width) if rows else [text("nothing yet; try it with tocsin drill", FAINT)]
    return Section("TOLD LAST", lines)


def ago(moment: datetime, now: datetime) -> str:
    return f"{span(max(timedelta(0), now - moment))} ago"


def rate(bytes_per_s: float | None) -> Cell:
    """Bytes per second with the unit that keeps it short: `812 B`, `1.2 kB`, `34 MB` of 1000."""
    if bytes_per_s is None:
        return DASH
    value, unit = bytes_per_s, "B"
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5 or unit == "GB":
            break
        value /= 1000
    return f"{value:.1f} {unit}" if value < 9.95 and unit != "B" else f"{value:.0f} {unit}"


def _urgency(reading: Reading, check: Check | None) -> tuple[bool, float]:
    fresh = reading.age is not None and reading.age <= SILENCE
    return fresh, check.score if check and check.score is not None else 0.0


def _host(one: Reading, last: Cell, *, wide: bool) -> list[Cell]:
    silent = one.age is None or one.age > SILENCE
    age = Text(span(one.age) if one.age is not None else "never", style="red" if silent else "")
    if silent:
        return [one.host, age, *[DASH] * (7 if wide else 6), Text("unknown", style="bold red")]
    return [
        one.host,
        age,
        _percent(one.cpu_percent),
        *([_percent(one.cpu_percent_5m)] if wide else []),
        DASH if one.load_1m is None else f"{one.load_1m:.2f}",
        _percent(one.memory_percent),
        _percent(one.disk_percent),
        rate(one.network_bytes_in_per_s),
        rate(one.network_bytes_out_per_s),
        last,
    ]


def _up(one: Reading) -> Cell:
    return DASH if one.uptime_s is None else span(timedelta(seconds=one.uptime_s))


def _percent(value: float | None) -> Cell:
    return DASH if value is None else f"{value:.1f}"


def _score(check: Check | None) -> Cell:
    if check is None:
        return DASH
    if check.score is None:
        unknown = check.status == HealthStatus.UNKNOWN
        return text(check.status, "bold red") if unknown else text("no score", FAINT)
    level = check.level or ""
    return text(f"{check.score:.0f} {level}", COLOURS.get(level, ""))


def _health(check: Check, width: int) -> list[Text]:
    line = join([text(check.host, "bold"), _score(check), text(_sum(check), FAINT)], " ")
    return [cut(line, width), *_complaints(check, width)]


def _sum(check: Check) -> str:
    """How the score comes about, or why there is none."""
    if check.score is None:
        fresh = check.status != HealthStatus.UNKNOWN
        return "yet: not all of CPU, memory and disks have been read" if fresh else ""
    names = {"cpu": "CPU", "memory": "memory", "disk": "disks"}
    sums = [f"{name} {check.parts[key]:.1f}" for key, name in names.items() if key in check.parts]
    sums += [f"{name} {check.parts[name]:.0f}" for name in ("warnings", "criticals") if check.parts.get(name)]
    return f"= 100 - {' - '.join(sums)}"


def _complaints(check: Check, width: int) -> list[Text]:
    said = [("critical", sentence) for sentence in check.criticals]
    said += [("warning", sentence) for sentence in check.warnings]
    return [cut(join([text(f"  {word}", SEVERITY_STYLES[word]), one], " "), width) for word, one in said]


def _speaks(check: Check) -> bool:
    """Whether there is something to say: how fast it answered, or that it is not well."""
    return check.response_ms is not None or check.status != HealthStatus.HEALTHY


def _service(check: Check) -> Text:
    if check.response_ms is None:
        return text(f"{check.component} {check.status}", "bold red")
    figures = check.parts
    most = figures.get("max_connections")
    beside = f", {figures.get('connections')} of {most} connections" if most else ""
    return text(f"{check.component} {check.response_ms:.1f} ms{beside}")


def _alert(alert: OpenAlert, now: datetime, width: int) -> list[Text]:
    taken = f"taken by {alert.acknowledged_by}" if alert.acknowledged_by else "nobody has taken it"
    head = [
        text(f"{alert.id}", "bold"),
        text(alert.severity, SEVERITY_STYLES.get(alert.severity, "")),
        text(f"{alert.host} {alert.component}", "bold"),
        text(f"for {span(now - alert.opened_at)}, {taken}{', a drill' if alert.is_drill else ''}"),
    ]
    return [cut(join(head, " "), width), cut(text(f"  {alert.message}"), width)]


def _told(one: Told, now: datetime) -> list[Cell]:
    when = (
        f"{one.at.astimezone(UTC):%H:%M:%S}"
        if now - one.at < timedelta(hours=20)
        else f"{one.at:%m-%d %H:%M}"
    )
    to = f"{one.destination} {one.recipient}".strip()
    if one.state == "dead":
        return [when, text(to, "bold red"), text(f"did not arrive: {one.reason}", "red")]
    return [when, text(to, "bold"), text(one.summary or f"alert {one.alert_id} {one.kind}")]
