"""Retention: what is past its horizon goes, days of raw rows whole, and nothing raw that is not rolled up."""

from worker.retention.cleaning import CleanupResult, clean
from worker.retention.closing import Pack
from worker.retention.horizons import Horizons
from worker.retention.planning import CleanupPlan, plan
from worker.retention.raw import Drop, Refusal
from worker.retention.rows import Deletion

__all__ = [
    "CleanupPlan",
    "CleanupResult",
    "Deletion",
    "Drop",
    "Horizons",
    "Pack",
    "Refusal",
    "clean",
    "plan",
]
