"""The words of the watchdog's messages, made without templates: they must come out on the worst of days."""

from collections.abc import Iterator

from domain.hosts import SELF
from domain.severity import Severity
from notifications.colours import colour
from notifications.escaping import html, plain, slack
from notifications.quantities import moment, span
from notifications.rendering import Rendered
from notifications.slack_blocks import payload
from watchdog.news import Item, News

LOCK_SCREEN = 120
WHERE = "tocsin status"


def worded(news: News, host: str) -> Rendered:
    """A message in every form that a channel may need; `host` is where the watchdog runs."""
    summary = _summary(news)
    paragraphs = [*map(_paragraph, news.items), *_meanwhile(news), _end(news, host)]
    text = "\n\n".join([summary, *paragraphs]) + "\n"
    blocks = "\n\n".join(slack(paragraph) for paragraph in paragraphs)
    bar = colour(Severity.CRITICAL, over=news.over)
    return Rendered(
        summary=summary,
        subject=f"{summary} [watchdog]",
        text=text,
        html="".join(f"<p>{html(part).replace(chr(10), '<br>')}</p>" for part in [summary, *paragraphs]),
        slack=payload(slack(summary), f"*{slack(summary)}*\n---\n{blocks}", bar, WHERE),
    )


def _summary(news: News) -> str:
    first = next((item for item in news.items if item.ended_at is None), news.items[0])
    more = f" (and {len(news.items) - 1} more)" if len(news.items) > 1 else ""
    if first.ended_at is not None:
        after = span(first.ended_at - first.began_at)
        return plain(f"OVER {SELF} {first.part}: at work again after {after}{more}", LOCK_SCREEN)
    sentence = plain(f"CRITICAL {SELF} {first.part}: {first.reason}", LOCK_SCREEN - len(more))
    return f"{sentence}{more}"


def _paragraph(item: Item) -> str:
    if item.ended_at is not None:
        return f"{item.part} is at work again, after {span(item.ended_at - item.began_at)}."
    began = f"The watchdog noticed it at {moment(item.began_at)}."
    return f"{item.part} has stopped: {item.reason}. {began}\nWhat to do: {item.remedy}."


def _meanwhile(news: News) -> Iterator[str]:
    if news.standing_in:
        yield f"Meanwhile the watchdog does what is due itself ({', '.join(sorted(news.standing_in))})."


def _end(news: News, host: str) -> str:
    again = "" if news.over else " While it lasts, this comes again every 15 minutes."
    return f"{WHERE} shows everything that is not well. Sent by the watchdog on {plain(host, 100)}.{again}"
