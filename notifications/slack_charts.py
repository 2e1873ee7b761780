"""Slack's own chart of the last hour, where nothing is missing in it: a gap would be drawn as a number.

The block is `data_visualization` (Slack's Block Kit reference, since June 2026). A workspace that does not
know it refuses the whole message, so it is kept apart from the rest and left out at the second try.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from notifications.escaping import plain
from notifications.notice import Notice
from notifications.trends import condensed
from notifications.wording import is_over, name

TITLE, NAME, LABEL, CATEGORIES = 50, 24, 20, 20
POWERLESS = str.maketrans("<>&`", "    ")


def slack_chart(notice: Notice) -> dict[str, Any] | None:
    """The block, with the limit as a line of its own; None without a whole hour, or when all is over."""
    trend = notice.background.trend
    if trend is None or is_over(notice):
        return None
    values = condensed(trend.values, CATEGORIES)
    whole = [round(value, 2) for value in values if value is not None]
    if len(whole) < len(values) or len(whole) < 2:
        return None
    each = trend.step * -(-len(trend.values) // CATEGORIES)
    labels = [_label(trend.since + number * each, each) for number in range(len(values))]
    return {
        "type": "data_visualization",
        "title": f"{_name(notice.host)} {_name(notice.component)}",
        "chart": {
            "type": "line",
            "series": [
                _series("highest", labels, whole),
                _series("limit", labels, [notice.threshold] * len(labels)),
            ],
            "axis_config": {"categories": labels, "x_label": "UTC", "y_label": _unit(notice)},
        },
    }


def _name(text: str) -> str:
    """A name in which nothing can be taken for a mention, whatever Slack makes of a title."""
    return name(text.translate(POWERLESS), NAME)


def _label(at: datetime, each: timedelta) -> str:
    """The end of a part of the hour, which is when its highest value was known."""
    return f"{(at + each).astimezone(UTC):%H:%M}"


def _unit(notice: Notice) -> str:
    return plain(notice.unit, LABEL) or name(notice.metric, LABEL)


def _series(title: str, labels: list[str], values: list[float]) -> dict[str, Any]:
    points = [{"label": label, "value": value} for label, value in zip(labels, values, strict=True)]
    return {"name": title, "data": points}
