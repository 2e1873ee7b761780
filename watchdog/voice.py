"""Tells people, straight through the channels of their destinations, without Redis, Celery or Postgres.

A program of its own (`python -m watchdog.voice`): it takes news on standard input, answers who was told on
standard output, and ends. What it needs weighs as much as all of the watchdog, which needs it once in months.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import policy
import settings
from domain.alerts import EventKind
from domain.hosts import SELF
from domain.severity import Severity
from notifications.channels.answering import answered
from notifications.channels.base import DeliveryError, Message
from notifications.channels.opening import open_channel
from notifications.notice import Notice
from policy import AnyDestination, Policy
from settings import ConfigurationError, Settings
from watchdog.news import News
from watchdog.wording import worded

# For one destination, whatever its parts take.
DEADLINE = timedelta(seconds=20)


def main() -> None:
    """Tell the news that comes in; answers a JSON object of destinations, each with an error or null."""
    configured = settings.load(settings.environment())
    news = News.loaded(sys.stdin.read())
    answers = asyncio.run(tell(news, rules(configured), configured.host_name))
    sys.stdout.write(json.dumps(answers))


def rules(configured: Settings) -> Policy:
    """The policy of the file; when somebody has just broken it, that of the environment."""
    try:
        return policy.load(configured.tocsin_rules, configured)
    except ConfigurationError:
        return policy.load(None, configured)


async def tell(news: News, rules: Policy, host: str) -> dict[str, str | None]:
    """Send to everybody concerned, side by side; the answer is why a destination was not reached, or None."""
    sendings = {
        f"{to.name} {address}".strip(): _send(news, to, address, host)
        for to in concerned(news, rules)
        for address in to.recipients
    }
    reasons = await asyncio.gather(*sendings.values())
    return dict(zip(sendings, reasons, strict=True))


def concerned(news: News, rules: Policy) -> Iterator[AnyDestination]:
    """Where criticals of Tocsin itself go by the routes; to everybody where no route says anything."""
    routed = [rules.route(host=SELF, component=i.part, severity=Severity.CRITICAL) for i in news.items]
    names = dict.fromkeys(name for names in routed for name in names if name in rules.destinations)
    return (rules.destinations[name] for name in names or rules.destinations)


async def _send(news: News, to: AnyDestination, address: str, host: str) -> str | None:
    try:
        async with answered(DEADLINE):
            # The console of a watchdog is its log: standard output is for the answer.
            await open_channel(to, sys.stderr).send(message(news, address, host))
    except DeliveryError as error:
        return error.reason
    return None


def message(news: News, recipient: str, host: str) -> Message:
    """The message; those about the same stop are one conversation, and none is a copy of another."""
    first = news.items[0]
    parts = "\0".join(sorted(item.part for item in news.items))
    stamp = f"{int(first.began_at.timestamp()):x}"
    return Message(
        delivery_id=0,
        key=f"watchdog-{int(news.at.timestamp()):x}-{sha256(parts.encode()).hexdigest()[:10]}",
        incident_key=f"watchdog-{stamp}",
        notice=_notice(news),
        rendered=worded(news, host),
        recipient=recipient,
    )


def _notice(news: News) -> Notice:
    first = news.items[0]
    return Notice(
        delivery_id=0,
        alert_id=0,
        incident_id=0,
        kind=EventKind.RESOLVED if news.over else EventKind.OPENED,
        severity=Severity.CRITICAL,
        host=SELF,
        component=first.part,
        rule="watchdog",
        metric="silence",
        unit="s",
        value=((first.ended_at or news.at) - first.began_at).total_seconds(),
        threshold=0.0,
        message=first.reason,
        reason=first.remedy,
        at=news.at,
        opened_at=first.began_at,
        breach_since=first.began_at,
        resolved_at=first.ended_at,
    )


if __name__ == "__main__":
    main()
