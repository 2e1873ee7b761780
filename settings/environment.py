"""The environment as one frozen value, with everything that is wrong with it at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import ValidationError, model_validator

from settings.contradictions import contradictions
from settings.model import Fields
from settings.near import near_names, near_problem, near_warning
from settings.problems import FaultError, Problem, SettingsError
from settings.reading import Reading, exposed, read
from settings.urls import is_loopback

LONG_RETENTION_DAYS = 3650
INSECURE = (
    "ALLOW_INSECURE: it is set, so mail may travel unencrypted and Redis may show anybody's certificate;"
    " take it out when neither is needed any more"
)
SLACK = (".slack.com", ".slack-gov.com")

Warn = Callable[[str], None]


class Settings(Fields):
    """Every setting, right by itself and with the others; from `load`, or by keyword in tests."""

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        problems = [found.problem for found in contradictions(self)]
        if problems:
            raise SettingsError(problems)
        return self


@dataclass(frozen=True, slots=True)
class Examined:
    """An environment as far as it can be understood.

    `fields` has defaults in place of what is wrong, `wrong` names those fields, `warnings` are sentences
    about what is allowed and looks like a mistake.
    """

    fields: Fields
    readings: Mapping[str, Reading]
    wrong: frozenset[str]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]


def load(environ: Mapping[str, str], warn: Warn | None = None) -> Settings:
    """Turn an environment into settings; `warn` hears of what looks like a mistake.

    Raises `SettingsError` with everything that is wrong.
    """
    examined = examine(environ)
    if examined.problems:
        raise SettingsError(examined.problems)
    if warn:
        for sentence in examined.warnings:
            warn(sentence)
    return Settings.model_validate(dict(examined.fields))


def examine(environ: Mapping[str, str]) -> Examined:
    """Look at all of an environment without refusing it."""
    readings, wrong = read(environ)
    values = _values(readings, environ)
    wrong |= _faults(values)
    right = {field: text for field, text in values.items() if field not in wrong}
    if "host_name" in wrong:
        right["host_name"] = "localhost"  # the machine's own name may be the one that is wrong
    fields = Fields.model_validate(right)
    nearly = list(near_names(environ))
    return Examined(
        fields=fields,
        readings=readings,
        wrong=frozenset(wrong),
        problems=(
            *(near_problem(near) for near in nearly if near.slip),
            *(wrong[field] for field in Fields.model_fields if field in wrong),
            *(found.problem for found in contradictions(fields) if not found.fields & wrong.keys()),
        ),
        warnings=(
            *_oddities(fields),
            *exposed(readings, environ),
            *(near_warning(near) for near in nearly if not near.slip),
        ),
    )


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
    hook = fields.slack_webhook_url
    host = urlsplit(hook.get_secret_value()).hostname or "" if hook else ""
    if hook and not host.endswith(SLACK) and not is_loopback(host):
        yield f"SLACK_WEBHOOK_URL: it leads to {host}, which is not Slack's"
    if fields.allow_insecure:
        yield INSECURE
    for field in ("retention_raw_days", "retention_hourly_days", "retention_daily_days"):
        days = getattr(fields, field)
        if days > LONG_RETENTION_DAYS:
            yield f"{field.upper()}: {days} days are {days // 365} years; the disk has to be as large"
