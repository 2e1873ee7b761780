"""A word of its own for every secret that there is, and where it turns up."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from settings.model import Fields, is_secret

NAMES = sorted(field.upper() for field in Fields.model_fields if is_secret(field))
# Those that a file of rules names, for destinations of its own.
OF_FILES = ("HOOK_URL", "BOT_TOKEN", "TICKETS_URL", "TICKETS_KEY")


def word(name: str) -> str:
    """The canary of a secret: long enough to be no accident, and nothing that needs quoting."""
    return f"canary7{name.lower().replace('_', '')}7canary"


def found(text: str) -> set[str]:
    """The names of the secrets that can be read in a text, plainly or in Base64."""
    return {name for name in (*NAMES, *OF_FILES) if _spelt(name).search(text)}


def _spelt(name: str) -> re.Pattern[str]:
    plain = word(name)
    # Wherever it stands in what is encoded, one of three is in the result; the ends depend on the neighbours.
    coded = (base64.b64encode(b"x" * shift + plain.encode()).decode()[4:-4] for shift in range(3))
    return re.compile("|".join(map(re.escape, (plain, *coded))))


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers of a scene are; the last three refuse and repeat what they are told."""

    database: str
    redis: str
    traces: str
    http: str
    mail_port: int


def environment(at: Addresses, folder: Path) -> Mapping[str, str]:
    """An environment in which every secret is set to its canary and every one of them is used."""
    return {
        "DATABASE_URL": at.database,
        "REDIS_URL": at.redis,
        "SLACK_WEBHOOK_URL": f"{at.http}/services/T0/B0/{word('SLACK_WEBHOOK_URL')}",
        "SLACK_BOT_TOKEN": f"xoxb-{word('SLACK_BOT_TOKEN')}",
        "SLACK_APP_TOKEN": f"xapp-{word('SLACK_APP_TOKEN')}",
        "SLACK_CHANNEL": "#ops",
        "SLACK_API_URL": f"{at.http}/api/",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(at.mail_port),
        "SMTP_SECURITY": "none",
        "SMTP_USERNAME": "tocsin",
        "SMTP_PASSWORD": word("SMTP_PASSWORD"),
        "EMAIL_FROM": "tocsin@example.com",
        "EMAIL_TO": "ops@example.com",
        "WATCHDOG_PING_URL": f"{at.http}/ping/{word('WATCHDOG_PING_URL')}",
        "FLOWER_PASSWORD": word("FLOWER_PASSWORD"),
        "METRICS_TOKEN": word("METRICS_TOKEN"),
        "OTEL_EXPORTER_OTLP_ENDPOINT": at.traces,
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{word('OTEL_EXPORTER_OTLP_HEADERS')}",
        "TOCSIN_RULES": str(_rules(at, folder)),
    }


def _rules(at: Addresses, folder: Path) -> Path:
    for name, text in _secrets(at):
        file = folder / name
        file.write_text(text)
        file.chmod(0o600)
    rules = folder / "tocsin.toml"
    rules.write_text(RULES)
    return rules


def _secrets(at: Addresses) -> Iterator[tuple[str, str]]:
    yield "hook", f"{at.http}/services/T1/B1/{word('HOOK_URL')}"
    yield "token", f"xoxb-{word('BOT_TOKEN')}"
    yield "tickets", f"{at.http}/tickets/{word('TICKETS_URL')}"
    yield "key", word("TICKETS_KEY")


RULES = """
[destinations.hook]
type = "slack-webhook"
url_file = "hook"

[destinations.bot]
type = "slack-bot"
channel = "#bot"
token_file = "token"

[destinations.tickets]
type = "webhook"
url_file = "tickets"
secret_file = "key"
allow_private = true
"""
