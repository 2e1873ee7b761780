"""Reads the settings for the watchdog: `python -m watchdog.ordering`.

A program of its own, which answers with orders on standard output and ends: what reads settings, Pydantic
above all, takes 7 MB, and whoever watches has no more use for it.
"""

import sys

from pydantic import SecretStr

import settings
from settings import Problem, Settings, SettingsError
from watchdog.orders import Orders


def ordered(configured: Settings, secrets: list[str]) -> Orders:
    """What settings order; raises SettingsError where they name no database."""
    if configured.database_url is None:
        problem = Problem(
            "DATABASE_URL", "it is not set, and the watchdog reads it", "set it to your PostgreSQL"
        )
        raise SettingsError([problem])
    return Orders(
        home=str(configured.tocsin_home),
        log_level=configured.log_level,
        log_format=configured.log_format,
        buttons_awaited=configured.slack_app_token is not None,
        database_url=configured.database_url.get_secret_value(),
        redis_url=_text(configured.redis_url),
        ping_url=_text(configured.watchdog_ping_url),
        secrets=secrets,
    )


def _text(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def main() -> None:
    """Answer with the orders that the environment gives."""
    environ = settings.environment()
    try:
        orders = ordered(settings.load(environ), settings.secrets(environ))
    except SettingsError as error:
        sys.exit(f"tocsin: {error}")
    sys.stdout.write(orders.dumped())


if __name__ == "__main__":
    main()
