"""The environment as one frozen value, with everything that is wrong with it at once."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Self

from pydantic import ValidationError, model_validator

from settings.contradictions import contradictions
from settings.model import Fields
from settings.near import near_names, near_problem, near_warning
from settings.problems import FaultError, Problem, SettingsError
from settings.reading import Reading, exposed, read

LONG_RETENTION_DAYS = 3650

Warn = Callable[[str], None]


class Settings(Fields):
    """Every setting, right by itself and with the others; from `load`, or by keyword in tests."""

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        problems = [found.problem for found in contradictions(self)]
        if problems:
            raise SettingsError(problems)
        return self


def load(environ: Mapping[str, str], warn: Warn | None = None) -> Settings:
    """Turn an environment into settings.

    `warn` hears, in sentences, of what is allowed and looks like a mistake. Raises `SettingsError` with
    everything that is wrong.
    """
    readings, wrong = read(environ)
    nearly = list(near_names(environ))
    values = _values(readings, environ)
    wrong |= _faults(values)
    fields = Fields.model_validate({field: text for field, text in values.items() if field not in wrong})
    problems = [near_problem(near) for near in nearly if near.slip]
    problems += [wrong[field] for field in Fields.model_fields if field in wrong]
    problems += [found.problem for found in contradictions(fields) if not found.fields & wrong.keys()]
    if problems:
        raise SettingsError(problems)
    if warn:
        for sentence in (*_oddities(fields), *exposed(readings, environ)):
            warn(sentence)
        for near in nearly:
            warn(near_warning(near))
    return Settings.model_validate(values)


def _values(readings: Mapping[str, Reading], environ: Mapping[str, str]) -> dict[str, object]:
    values: dict[str, object] = {field: reading.text for field, reading in readings.items()}
    if "tocsin_home" not in values and environ.get("HOME"):
        values["tocsin_home"] = Path(environ["HOME"]) / ".local/share/tocsin"
    return values


def _faults(values: Mapping[str, object]) -> dict[str, Problem]:
    try:
        Fields.model_validate(values)
    except ValidationError as invalid:
        return dict(_problem(error["loc"], error.get("ctx", {}).get("error")) for error in invalid.errors())
    return {}


def _problem(place: tuple[int | str, ...], error: object) -> tuple[str, Problem]:
    field = str(place[0])
    if isinstance(error, FaultError):
        return field, Problem(field.upper(), error.fault, error.remedy)
    return field, Problem(field.upper(), "the value is not of the right kind", "see docs/settings.md")


def _oddities(fields: Fields) -> Iterator[str]:
    for field in ("retention_raw_days", "retention_hourly_days", "retention_daily_days"):
        days = getattr(fields, field)
        if days > LONG_RETENTION_DAYS:
            yield f"{field.upper()}: {days} days are {days // 365} years; the disk has to be as large"
