"""The queues of tasks: those that workers share, and that of the collectors, of which each has its own."""

from typing import Final

SHARED: Final = ("health", "notify", "chores")
COLLECT: Final = "collect"
