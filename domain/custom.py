"""What a custom metric may be called, and how much of it there may be."""

import re
from collections.abc import Mapping
from math import isfinite

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
MAX_LABELS, LONGEST_LABEL = 8, 100

# Roll-ups keep smallest and largest in 4 bytes.
LARGEST = 1e30

# So many names there may be, and so many sets of labels for one host; what comes beyond them is put aside.
MAX_METRICS, MAX_SERIES = 500, 1_000


def fault(name: str, value: float, labels: Mapping[str, str]) -> str | None:
    """Why this cannot be a custom metric, in one sentence; None when it can."""
    if not NAME.fullmatch(name):
        return f"{name!r:.80} is no name for a metric: write it as queue_length"
    if not isfinite(value) or abs(value) > LARGEST:
        return f"{value} is no value between -1e30 and 1e30"
    return _fault_of_labels(labels)


def _fault_of_labels(labels: Mapping[str, str]) -> str | None:
    if len(labels) > MAX_LABELS:
        return f"there are more than {MAX_LABELS} labels"
    for key, text in labels.items():
        if not NAME.fullmatch(key):
            return f"{key!r:.80} is no name for a label: write it as queue_name"
        if not 0 < len(text) <= LONGEST_LABEL or not text.isprintable() or set(text) & set(",="):
            return (
                f"label {key}: its value must have 1 to {LONGEST_LABEL} printable characters, without , and ="
            )
    return None


def subject(labels: Mapping[str, str]) -> str:
    """The labels in one text, in the order of their names: `queue=mail,zone=eu`."""
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels))
