"""Every task, as Flower shows it."""

from worker.tasks import canary, chores, collect, health, notify, record, trial

__all__ = ["canary", "chores", "collect", "health", "notify", "record", "trial"]
