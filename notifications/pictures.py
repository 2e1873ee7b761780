"""Draws the last hour as a PNG for a mail: the limit as a line, the breach marked, readable in the dark."""

import structlog

from charts import Chart, Mark, Series, Threshold, png
from notifications.notice import Notice, Trend
from notifications.wording import amount, name

# Shown 560 pixels wide at a desk and 320 on a phone, where its words have to be large enough to be read.
WIDTH, HEIGHT = 420, 180

log = structlog.get_logger(__name__)


def picture(notice: Notice) -> bytes | None:
    """The chart of the notice's trend, None where there is none or it cannot be drawn.

    It has a ground of its own, so a dark mode that turns colours around does not make it unreadable.
    """
    trend = notice.background.trend
    if trend is None or not trend.measured:
        return None
    try:
        return png(_chart(notice, trend))
    except Exception as error:  # noqa: BLE001 - whatever a picture does, the page goes out
        log.warning("picture.broken", delivery=notice.delivery_id, problem=repr(error))
        return None


def _chart(notice: Notice, trend: Trend) -> Chart:
    severity = notice.severity.value
    begins = Mark("breach", notice.breach_since, severity)
    return Chart(
        title=f"{name(notice.host, 40)} · {name(notice.component, 40)}",
        # A part of the hour is known at its end, by its highest value.
        series=Series(
            tuple(trend.since + trend.step * (number + 1) for number in range(len(trend.values))),
            trend.values,
            joined=trend.step,
        ),
        unit=notice.unit,
        thresholds=(Threshold(f"limit {amount(notice, notice.threshold)}", notice.threshold, severity),),
        marks=(begins,) if trend.since <= notice.breach_since <= trend.until else (),
        since=trend.since,
        until=trend.until,
        width=WIDTH,
        height=HEIGHT,
    )
