"""Settings that are right one by one and wrong together: swapped thresholds, things set up by half."""

from collections.abc import Iterator
from dataclasses import dataclass

from settings.model import Fields
from settings.problems import Problem
from settings.urls import is_loopback


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A problem, and the names of all fields that it is about: if one of these is wrong, it says nothing."""

    fields: frozenset[str]
    problem: Problem


def contradictions(fields: Fields) -> Iterator[Contradiction]:
    """Everything in these settings that does not fit together."""
    yield from _swapped_thresholds(fields)
    yield from _mail_by_half(fields)
    yield from _slack_by_half(fields)
    yield from _unencrypted(fields)


def _swapped_thresholds(fields: Fields) -> Iterator[Contradiction]:
    for what in ("cpu", "memory", "disk"):
        low, high = f"health_{what}_warning", f"health_{what}_critical"
        warning, critical = getattr(fields, low), getattr(fields, high)
        if warning >= critical:
            yield _about(
                (low, high),
                f"{warning:g} must be below {high.upper()}, which is {critical:g}",
                "a warning comes before a critical: lower the one or raise the other",
            )


def _mail_by_half(fields: Fields) -> Iterator[Contradiction]:
    if fields.smtp_host:
        if not fields.email_from:
            yield _missing("smtp_host", "email_from", "the sender of the mails")
        if not fields.email_to and not fields.tocsin_rules:
            yield _missing("smtp_host", "email_to", "who gets the mails")
    elif fields.email_to:
        yield _missing("email_to", "smtp_host", "the mail server")
    if fields.smtp_password and not fields.smtp_username:
        yield _missing("smtp_password", "smtp_username", "the user name that belongs to it")
    if fields.smtp_username and not fields.smtp_password:
        yield _missing("smtp_username", "smtp_password", "the password that belongs to it")


def _slack_by_half(fields: Fields) -> Iterator[Contradiction]:
    if fields.slack_bot_token and not fields.slack_channel and not fields.tocsin_rules:
        yield _missing("slack_bot_token", "slack_channel", "the channel in which the bot writes")
    if fields.slack_channel and not fields.slack_bot_token:
        yield _about(
            ("slack_channel", "slack_bot_token"),
            "it is for a bot, and SLACK_BOT_TOKEN is not set; a webhook has its channel already",
            "set SLACK_BOT_TOKEN as well, or take SLACK_CHANNEL out",
        )
    told = fields.slack_bot_token or fields.slack_webhook_url or fields.tocsin_rules
    if fields.slack_app_token and not told:
        yield _missing("slack_app_token", "slack_bot_token", "who writes the messages that have buttons")


def _unencrypted(fields: Fields) -> Iterator[Contradiction]:
    if fields.allow_insecure:
        return
    if fields.smtp_security == "none" and fields.smtp_host and not is_loopback(fields.smtp_host):
        yield _about(
            ("smtp_security", "smtp_host", "allow_insecure"),
            "'none' sends mails unencrypted to another machine",
            "set it to starttls or tls, or set ALLOW_INSECURE=1 if that is meant",
        )
    if fields.redis_url and "ssl_cert_reqs=none" in fields.redis_url.get_secret_value():
        yield _about(
            ("redis_url", "allow_insecure"),
            "ssl_cert_reqs=none accepts the certificate of anybody",
            "set it to required, or set ALLOW_INSECURE=1 if that is meant",
        )


def _missing(present: str, absent: str, what: str) -> Contradiction:
    return _about(
        (present, absent),
        f"it is set, and {absent.upper()}, {what}, is not",
        f"set {absent.upper()} as well, or take {present.upper()} out",
    )


def _about(fields: tuple[str, ...], fault: str, remedy: str) -> Contradiction:
    return Contradiction(frozenset(fields), Problem(fields[0].upper(), fault, remedy))
