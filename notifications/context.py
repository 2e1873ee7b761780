"""What templates may name: one frozen object for a notice and one for a digest (docs/messages.md).

Every text in them is finished, bounded and on one line; it is made harmless for the place where it is shown,
by `escaped`, before a template sees it.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

Escape = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; `verbatim` text was not written by us."""

    label: str
    value: str
    verbatim: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A busy process; `new` says when it started, where that was within an hour before it was seen."""

    name: str
    pid: str
    cpu: str
    memory: str
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAlert:
    """Another alert that is open on the same host."""

    id: str
    severity: str
    component: str
    value: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendWords:
    """The hour before the event: a line of block characters, and what it covers in words."""

    spark: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What both objects begin with, and what rendering adds when it knows the headline."""

    drill: bool
    severity: str
    marks: tuple[str, ...]
    show_command: str
    headline: str = ""
    preheader: str = ""
    colour: str = ""
    broken_template: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(Frame):
    """What a template of one notice may name."""

    kind: str
    repeated: bool
    over: bool
    taken: bool
    brief: bool
    alert_id: int
    incident_id: int
    delivery_id: int
    host: str
    component: str
    rule: str
    metric: str
    value: str
    limit: str
    since: str
    at: str
    duration: str
    actor: str
    message: str
    reason: str
    why: str | None
    acknowledge: str | None
    runbook_url: str | None
    rows: tuple[Row, ...]
    trend: TrendWords | None
    health: str | None
    past: str | None
    told: str | None
    coming: tuple[str, ...]
    missing: str | None
    background: tuple[Row, ...]
    facts: tuple[Row, ...]
    processes: tuple[Process, ...]
    processes_by: str
    seen: str
    also_open: tuple[OtherAlert, ...]
    also_open_more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """One alert of a digest: its subject as it would have had alone; `repeated` if it may be told twice."""

    id: str
    subject: str
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestContext(Frame):
    """What a template of a digest may name."""

    digest_id: int
    total: str
    tally: str
    where: str
    reason: str
    hosts: str
    components: str
    lines: tuple[DigestLine, ...]
    more: str | None


def names(context: Frame) -> dict[str, Any]:
    """The names that a template sees, with their values."""
    return {field.name: getattr(context, field.name) for field in fields(context)}


def escaped(value: Any, escape: Escape) -> Any:
    """`value` with every text in it escaped, once, when it is finished: halves would be escaped twice."""
    match value:
        case str():
            return escape(value)
        case tuple():
            return tuple(escaped(item, escape) for item in value)
        case Row():
            return replace(value, value=escape(value.value))
        case _ if is_dataclass(value) and not isinstance(value, type):
            changed = {f.name: escaped(getattr(value, f.name), escape) for f in fields(value)}
            return replace(value, **changed)
        case _:
            return value
