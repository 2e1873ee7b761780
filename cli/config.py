"""`tocsin config`: what the settings are, where they come from, and whether all of it is right."""

from typing import Annotated, Any

import typer

from cli import config_policy
from cli.context import RulesFile
from cli.errors import NOT_SO, OK, USAGE
from cli.group import group
from cli.output import AsJson, print_json, say, table, warn
from domain.hiding import MASK
from policy import check
from settings import ConfigurationError, Examined, environment, examine, is_secret, masked, masked_web
from settings.problems import SettingsError

app = group("Check and show the settings and the file with the rules.", "tocsin config check")
app.command(epilog="Example: tocsin config rules --host db-1 --mount /var")(config_policy.rules)
app.command(epilog="Example: tocsin config route --host db-1 --component disk:/var --severity critical")(
    config_policy.route
)


@app.command("check", epilog="Example: tocsin config check --file tocsin.toml")
def check_(
    *,
    file: RulesFile = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when there are warnings.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say everything that is wrong with the environment and the file, and start nothing."""
    examined = examine(environment())
    path = file or examined.fields.tocsin_rules
    problems, oddities = check(path, examined)
    problems = (*examined.problems, *problems)
    warnings = [*examined.warnings, *oddities]
    if as_json:
        print_json({"ok": not problems, "problems": problems, "warnings": warnings})
        raise typer.Exit(USAGE if problems else NOT_SO if strict and warnings else OK)
    for sentence in warnings:
        warn(sentence)
    if problems:
        raise ConfigurationError(problems)
    say(f"The settings are right{f', and so is {path}' if path else ''}.")
    if strict and warnings:
        raise typer.Exit(NOT_SO)


@app.command(epilog="Example: tocsin config show --json")
def show(*, as_json: AsJson = False) -> None:
    """Show every setting, its value and where it comes from; secrets are masked."""
    examined = examine(environment())
    for sentence in examined.warnings:
        warn(sentence)
    if examined.problems:
        raise SettingsError(examined.problems)
    rows = [_row(field, examined) for field in type(examined.fields).model_fields]
    if as_json:
        print_json([dict(zip(("name", "value", "source"), row, strict=True)) for row in rows])
    else:
        table(("SETTING", "VALUE", "SOURCE"), rows)


def _row(field: str, examined: Examined) -> tuple[str, Any, str]:
    reading = examined.readings.get(field)
    return field.upper(), visible(field, examined.fields), reading.source if reading else "default"


def visible(field: str, fields: Any) -> Any:
    """The value of a setting as anybody may see it."""
    value = getattr(fields, field)
    if value is None or not is_secret(field):
        return value
    if field in ("database_url", "redis_url"):
        return masked(value.get_secret_value())
    return masked_web(value.get_secret_value()) if field.endswith("_url") else MASK
