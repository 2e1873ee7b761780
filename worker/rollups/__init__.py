"""Roll-ups: what every metric did in each hour and day, computed from raw rows, idempotent, exact."""

from worker.rollups.due import Due, due_windows, mark_due
from worker.rollups.rolling import Rolled, aggregate, catch_up, roll_up
from worker.rollups.windows import GRACE, Period, Window, windows

__all__ = [
    "GRACE",
    "Due",
    "Period",
    "Rolled",
    "Window",
    "aggregate",
    "catch_up",
    "due_windows",
    "mark_due",
    "roll_up",
    "windows",
]
