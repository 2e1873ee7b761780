"""Variables that are nearly the name of a setting: a typing mistake must not turn into a silent default."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from settings.model import Fields
from settings.problems import Problem
from settings.reading import SUFFIX

PREFIXES = (
    "HEALTH_",
    "SLACK_",
    "SMTP_",
    "EMAIL_",
    "ALERT_",
    "RETENTION_",
    "TOCSIN_",
    "FLOWER_",
    "WATCHDOG_",
    "METRICS_",
)
MOST_SLIPS = 2


@dataclass(frozen=True, slots=True)
class Near:
    """A variable that is nearly a setting; `slip` when it can hardly be meant for anything else."""

    variable: str
    meant: str
    slip: bool


def near_names(environ: Mapping[str, str]) -> Iterator[Near]:
    """Variables with one of our prefixes that are no settings and look like one.

    Other programs use SMTP_USER or SLACK_TOKEN in their own right, so only one or two wrong letters are a
    slip; a name that is merely alike is mentioned, and one that is not alike is somebody else's.
    """
    names = [field.upper() for field in Fields.model_fields]
    names += [name + SUFFIX for name in names]
    for variable in sorted(environ):
        upper = variable.upper()
        if variable in names or not upper.startswith(PREFIXES):
            continue
        meant = [name for name in names if abs(len(name) - len(upper)) <= MOST_SLIPS]
        nearest = min(meant, key=lambda name: slips(upper, name), default=None)
        if nearest and slips(upper, nearest) <= MOST_SLIPS:
            yield Near(variable, nearest, slip=True)
        elif alike := difflib.get_close_matches(upper, names, 1, 0.8):
            yield Near(variable, alike[0], slip=False)


def near_problem(near: Near) -> Problem:
    return Problem(near.variable, "there is no such setting", f"did you mean {near.meant}?")


def near_warning(near: Near) -> str:
    return f"{near.variable} is not a setting of Tocsin and has no effect here; one like it is {near.meant}"


def slips(one: str, other: str) -> int:
    """How many letters were left out, put in, mistaken or swapped with their neighbour between two words.

    The optimal string alignment distance (Damerau 1964), in which no letter takes part twice.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]
