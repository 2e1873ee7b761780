"""What a task may be told: each argument declared once, with its type, range, default and meaning."""

import difflib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo

from settings import MASK, FaultError, shown

# Longer texts are no arguments; nothing that a task is told needs a page.
LONGEST = 1_000

# Nobody has metrics from before computers kept time like this.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class Refused(Exception):  # noqa: N818 - it says what is the case, in Flower too
    """The task was not begun and nothing was changed; the message is one sentence for who started it."""

    outcome = "refused"


A = TypeVar("A", bound="Arguments")


class Arguments(BaseModel):
    """The base of what a task may be told; one without arguments takes it as it is.

    Each field has a `description`, and an example where its form is not plain.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def told(cls, given: Mapping[str, object], now: datetime) -> Self:
        """What a message says at `now` (aware), in the types of JSON; raises Refused."""
        for name, value in given.items():
            if name in cls.model_fields and not _is_simple(value):
                raise Refused(
                    f"{name}: it is no single value of at most {LONGEST:,} characters; {_form(cls, name)}"
                )
        known = {_legible(name): given[name] if name in cls.model_fields else None for name in given}
        _check_legible(cls, known)
        words = json.dumps(known)
        return _checked(cls, lambda: cls.model_validate_json(words, strict=True, context={"now": now}))

    @classmethod
    def typed(cls, given: Mapping[str, str], now: datetime) -> Self:
        """The same from a form or a command line, where everything is text and an empty text is nothing."""
        words = {name: text for name, text in given.items() if text != ""}
        _check_legible(cls, words)
        return _checked(cls, lambda: cls.model_validate_strings(words, context={"now": now}))

    @classmethod
    def masked(cls, given: Mapping[str, object]) -> dict[str, Any]:
        """What may be written down of it: known arguments, shortened, and of others only that they were."""
        return {
            shown(name)[1:-1]: _kept(value) if name in cls.model_fields else MASK
            for name, value in list(given.items())[:20]
        }

    def plain(self) -> dict[str, Any]:
        """Those that were given, in the terms of JSON."""
        return self.model_dump(mode="json", exclude_unset=True)


def told_at(info: ValidationInfo) -> datetime:
    """When the arguments were given, which decides what lies in the future."""
    now: datetime = info.context["now"]  # type: ignore[index] # `told` and `typed` always give it
    return now


def _time(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str):
        return value if value is None else _no_time(value)
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return _no_time(value)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if at < EARLIEST:
        raise FaultError(f"{shown(value)} lies before 1970", "write a time of which there are metrics")
    if at > told_at(info) + timedelta(days=1):
        raise FaultError(f"{shown(value)} lies in the future", "write a time that has been")
    return at


def _no_time(value: object) -> object:
    raise FaultError(f"{shown(value)} is no time", "write it as 2026-11-21 or 2026-11-21T03:00, in UTC")


# A time of the past, up to the end of today; in UTC where it names no zone.
Moment = Annotated[datetime, BeforeValidator(_time)]


def _checked(cls: type[A], validate: Callable[[], A]) -> A:
    try:
        return validate()
    except ValidationError as error:
        raise Refused("; ".join(_sentence(cls, fault) for fault in error.errors()[:3])) from None


def _sentence(cls: type[Arguments], fault: Any) -> str:
    cause = fault.get("ctx", {}).get("error")
    where = ".".join(str(part) for part in fault["loc"][:1])
    if fault["type"] == "extra_forbidden":
        return _unknown(cls, where)
    if isinstance(cause, FaultError):
        return f"{where}: {cause}" if where else str(cause)
    expected = str(fault["msg"]).replace("Input should be", "it should be")
    return f"{where}: {shown(json.dumps(fault['input'], default=str))} will not do, {_lower(expected)}"


def _unknown(cls: type[Arguments], name: str) -> str:
    names = list(cls.model_fields)
    near = difflib.get_close_matches(name, names, 1)
    meant = f"did you mean {near[0]}?" if near else _known(names)
    return f"{shown(name)[1:-1]}: there is no such argument; {meant}"


def _known(names: list[str]) -> str:
    return f"there are {', '.join(names)}" if names else "this task takes none"


def _legible(text: str) -> str:
    """A text without what is no character, or none that Postgres would store."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "?")


def _check_legible(cls: type[Arguments], given: Mapping[str, object]) -> None:
    for name, value in given.items():
        if name in cls.model_fields and isinstance(value, str) and value != _legible(value):
            raise Refused(f"{name}: {shown(value)} is no text; {_form(cls, name)}")


def _form(cls: type[Arguments], name: str) -> str:
    examples = cls.model_fields[name].examples
    return f"write it as {examples[0]}" if examples else "write one value"


def _is_simple(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST
    return value is None or isinstance(value, bool | int | float)


def _kept(value: object) -> object:
    if isinstance(value, str):
        return _legible(value if len(value) <= 200 else value[:200] + "…")
    return value if _is_simple(value) else "…"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
