"""The table of docs/benchmarks.md: the claims as they stand in the code, the figures as last measured."""

import re
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.claims import Claim

HEAD = "| what | against | target | measured | how |\n| --- | --- | --- | --- | --- |\n"
TABLE = re.compile(re.escape(HEAD) + r"(?:\|.*\n)*")
NEVER = "not yet"


def written(page: str, claims: Sequence[Claim], measured: Mapping[Claim, str]) -> str:
    """The page with a row for each claim; a figure that was not measured now is kept as it stands there."""
    before = figures(page)
    rows = "".join(_row(claim, measured.get(claim) or before.get(claim.what, NEVER)) for claim in claims)
    if not TABLE.search(page):
        raise ValueError(f"the page has no table that begins with {HEAD.splitlines()[0]}")
    return TABLE.sub(lambda _: HEAD + rows, page, count=1)


def figures(page: str) -> dict[str, str]:
    """What the page says was measured, by claim."""
    return dict(_figures(page))


def _figures(page: str) -> Iterator[tuple[str, str]]:
    found = TABLE.search(page)
    for line in found[0].splitlines()[2:] if found else ():
        what, _against, _target, measured, _how = line.strip("| ").split(" | ")
        yield what, measured


def _row(claim: Claim, measured: str) -> str:
    return f"| {claim.what} | {claim.floor} | {claim.target} | {measured} | {claim.how} |\n"
