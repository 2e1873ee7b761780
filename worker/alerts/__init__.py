"""Changes of an alert's state, by what was measured and by people: each an event, in one transaction."""

from worker.alerts.by_hand import (
    Acknowledged,
    NoSuchAlert,
    acknowledge,
    note,
    resolve,
    unacknowledge,
)
from worker.alerts.changes import Identity, change_alert, open_alert

__all__ = [
    "Acknowledged",
    "Identity",
    "NoSuchAlert",
    "acknowledge",
    "change_alert",
    "note",
    "open_alert",
    "resolve",
    "unacknowledge",
]
