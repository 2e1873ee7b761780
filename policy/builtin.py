"""The policy without a file: built-in rules, and every alert to every destination of the environment."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from policy import rules
from policy.destinations import AnyDestination, Console, Email, SlackBot, SlackWebhook
from policy.matching import Scope
from policy.model import Policy
from policy.routes import Route
from settings import Settings
from settings.model import Fields

CONSOLE = Console(name="console")


def policy(settings: Settings) -> Policy:
    """What holds when there is no `tocsin.toml`."""
    destinations = {**environment(settings), CONSOLE.name: CONSOLE}
    return Policy(
        rules=rules.builtin(settings),
        destinations=destinations,
        routes=(everything(destinations),),
        cooldown=timedelta(minutes=settings.alert_cooldown_minutes),
    )


def everything(destinations: Mapping[str, AnyDestination]) -> Route:
    """The last route: every alert to everybody there is, and to the console when there is nobody."""
    names = tuple(name for name in destinations if name != CONSOLE.name)
    return Route(Scope(), names or (CONSOLE.name,))


def environment(settings: Fields) -> dict[str, AnyDestination]:
    """The destinations `slack` and `email`, where the environment sets them up."""
    found = (_slack(settings), _email(settings))
    return {destination.name: destination for destination in found if destination}


def _slack(settings: Fields) -> SlackBot | SlackWebhook | None:
    if settings.slack_bot_token and settings.slack_channel:
        return SlackBot(
            name="slack",
            token=settings.slack_bot_token,
            channel=settings.slack_channel,
            api_url=settings.slack_api_url,
            buttons=settings.slack_app_token is not None,
        )
    return SlackWebhook(name="slack", url=settings.slack_webhook_url) if settings.slack_webhook_url else None


def _email(settings: Fields) -> Email | None:
    if not settings.email_to:
        return None
    return email(settings, name="email", to=settings.email_to)


def email(settings: Fields, *, to: tuple[str, ...], sender: str | None = None, **more: Any) -> Email | None:
    """A destination on the mail server of the environment, None where there is none or no sender."""
    sender = sender or settings.email_from
    if not settings.smtp_host or not sender:
        return None
    return Email(
        **more,
        to=to,
        sender=sender,
        host=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=settings.smtp_password,
        security=settings.smtp_security,
    )
