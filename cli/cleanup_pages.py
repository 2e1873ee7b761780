"""What a cleanup removed, or would: days, rows, and what stays although its time has come."""

from cli.output import say, table
from worker.retention import CleanupResult

MEBIBYTE = 2**20


def show(result: CleanupResult) -> None:
    """Print a cleanup, or the forecast of one."""
    would = "would be " if result.dry_run else ""
    if result.dropped:
        table(
            ("PARTITION", "DAY", "ROWS", "MB"),
            [(d.partition, d.day, f"{d.rows:,}", _megabytes(d.bytes)) for d in result.dropped],
            numbers=("ROWS", "MB"),
        )
    if result.packed:
        table(
            ("PACKED", "DAY", "ROWS", "MB", "MB SINCE"),
            [
                (p.partition, p.day, f"{p.rows:,}", _megabytes(p.bytes), _megabytes(p.packed_bytes))
                for p in result.packed
            ],
            numbers=("ROWS", "MB", "MB SINCE"),
        )
    if result.deleted:
        table(
            ("TABLE", "ROWS", "WHAT", "BEFORE"),
            [(d.table, f"{d.rows:,}", d.what, d.before) for d in result.deleted],
            numbers=("ROWS",),
        )
    _sum(result, would)
    if result.made:
        say(f"{len(result.made)} partitions for the coming days {would}made")
    if result.rewritten:
        say(f"keys of {', '.join(result.rewritten)} {would}made anew")
    if result.vacuumed:
        say(f"{would}vacuumed and analysed: {', '.join(result.vacuumed)}")
    for one in result.refused:
        say(f"{one.partition} stays: {one.why}")


def _megabytes(size: int | None) -> str:
    return "" if size is None else f"{size / MEBIBYTE:,.1f}"


def _sum(result: CleanupResult, would: str) -> None:
    rows = result.rows
    if not rows and not result.dropped:
        say(f"nothing is past its retention on {result.day}")
        return
    say(f"{rows:,} rows {would}removed, and {result.bytes / MEBIBYTE:,.1f} MB of disk {would}given back")
