"""Every task, as Flower shows it."""

from worker.tasks import canary, chores, collect, custom, health, notify, record, trial

__all__ = ["canary", "chores", "collect", "custom", "health", "notify", "record", "trial"]
