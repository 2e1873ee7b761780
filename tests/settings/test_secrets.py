"""No secret is ever seen: not in a repr, not in an error, not in what `show` shows."""

import pickle
import traceback
from collections.abc import Mapping

import pytest

from settings import SettingsError, is_secret, load
from settings.model import Fields

CANARY = "c4n4ry"
RIGHT = {
    "DATABASE_URL": f"postgres://u:{CANARY}@h/db",
    "REDIS_URL": f"redis://:{CANARY}@h/0",
    "SLACK_WEBHOOK_URL": f"https://hooks.slack.com/services/{CANARY}",
    "SLACK_BOT_TOKEN": f"xoxb-{CANARY}",
    "SLACK_APP_TOKEN": f"xapp-{CANARY}",
    "SLACK_CHANNEL": "#a",
    "SMTP_HOST": "mail",
    "SMTP_USERNAME": "u",
    "SMTP_PASSWORD": CANARY,
    "EMAIL_FROM": "a@b.c",
    "EMAIL_TO": "a@b.c",
    "WATCHDOG_PING_URL": f"https://ping.example.com/{CANARY}",
    "FLOWER_PASSWORD": CANARY,
    "METRICS_TOKEN": CANARY,
    "OTEL_EXPORTER_OTLP_HEADERS": f"authorization={CANARY}",
}
SECRETS = [name for name in RIGHT if CANARY in RIGHT[name]]
# What each secret may look like when something is wrong with it, the canary in every part.
DAMAGED = [
    "{}\n",
    "\t{}",
    "x{}",
    "postgres://{}:{}@{}:{}/{}?{}#{}",
    "http://{}:{}@{}/{}",
    "{}://{}",
    "[{}",
    "{}\udcff",
]


def test_every_secret_is_known_as_one() -> None:
    assert {field.upper() for field in Fields.model_fields if is_secret(field)} == set(SECRETS)


def test_settings_do_not_show_their_secrets() -> None:
    settings = load(RIGHT)
    assert CANARY not in repr(settings)
    assert CANARY not in str(settings)
    assert CANARY not in settings.model_dump_json()


def test_settings_still_know_their_secrets_after_a_journey_between_processes() -> None:
    settings = pickle.loads(pickle.dumps(load(RIGHT)))  # noqa: S301 - from the line itself
    assert settings == load(RIGHT)
    assert settings.smtp_password.get_secret_value() == CANARY


def whole_story(environ: Mapping[str, str]) -> str:
    """Everything that could be printed about a refusal."""
    with pytest.raises(SettingsError) as refused:
        load(environ)
    return (
        "".join(traceback.format_exception(refused.value))
        + repr(refused.value)
        + repr(refused.value.problems)
    )


@pytest.mark.parametrize("name", SECRETS)
def test_no_error_tells_the_other_secrets(name: str) -> None:
    assert CANARY not in whole_story({**RIGHT, name: "no\nthing", "SMTP_PORT": "0", "SLACK_CHANEL": "x"})


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("damage", DAMAGED)
def test_no_error_tells_a_damaged_secret(name: str, damage: str) -> None:
    value = damage.format(*[CANARY] * 8)
    assert CANARY not in whole_story({name: value, "SMTP_PORT": "0"})


@pytest.mark.parametrize("name", SECRETS)
def test_no_error_tells_what_a_misspelt_variable_holds(name: str) -> None:
    misspelt = f"{name[:-1]}"
    assert CANARY not in whole_story({misspelt: CANARY, "SMTP_PORT": "0"})
