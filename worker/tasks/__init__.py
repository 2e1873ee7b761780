"""Every task, as Flower shows it."""

from worker.tasks import chores, collect, health, measured, notify, record, trial

__all__ = ["chores", "collect", "health", "measured", "notify", "record", "trial"]
