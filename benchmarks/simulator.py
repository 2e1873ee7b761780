"""Plays many hosts into the real path and measures it: python -m benchmarks.simulator --hosts 10 100 1000.

Samples go into the stream of a Redis; what records, evaluates and delivers are the programs of a service,
started as Compose starts them; messages go to a webhook that only counts. It runs on servers of its own, in a
folder that is removed, and there is no option to point it elsewhere.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlalchemy import TextClause, text

from benchmarks.installation import Installation, installation, until
from benchmarks.player import Player
from benchmarks.processes import Taken, ended, watch
from cli.startup import programs
from domain.cadence import SAMPLE_INTERVAL
from tests.standins.http import HttpStandIn
from worker import stream

RULES = """
[[rules]]
name = "cpu-high"
for = "0s"

[destinations.sink]
type = "webhook"
url_file = "sink-url"
allow_private = true
per_minute = 600

[[routes]]
destinations = "sink"
"""
SETTLE_S = 15

# When each row was committed, less when its sample came into the stream, in seconds.
DELAYS = text("""
    SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - ts)::float8
      FROM system_metrics_history WHERE ts >= :since AND ts < :until
""")
COMMITS = text("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()")
NOW = text("SELECT clock_timestamp()")


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Seconds; None where nothing came."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None

    @classmethod
    def of(cls, values: Sequence[float]) -> "Percentiles":
        if len(values) < 2:
            return cls(*(list(values) * 3))
        cuts = quantiles(values, n=100, method="inclusive")
        return cls(cuts[49], cuts[94], cuts[98])

    def __str__(self) -> str:
        return " / ".join(
            "-" if value is None else f"{value:.2f}" for value in (self.p50, self.p95, self.p99)
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """One run: delays from sample to row and to message, what it took, and what was left undone."""

    hosts: int
    samples_per_s: float
    rows: int
    to_row: Percentiles
    to_message: Percentiles
    messages: int
    transactions_per_s: float
    left_in_stream: int
    taken: dict[str, Taken]

    def lines(self) -> Sequence[str]:
        """The run as people read it."""
        return [
            f"{self.hosts} hosts: {self.samples_per_s:.0f} samples/s, {self.rows} rows stored",
            f"  left in the stream {self.left_in_stream} samples",
            f"  sample to row      p50/p95/p99  {self.to_row} s",
            f"  sample to message  p50/p95/p99  {self.to_message} s, of {self.messages} messages",
            f"  Postgres           {self.transactions_per_s:.1f} transactions/s",
            *(
                f"  {name:<18} {one.cpu_s_per_min / 60:6.2f} cores, {one.pss_mb:6.1f} MB"
                for name, one in self.taken.items()
            ),
        ]


def play(hosts: int, seconds: float) -> Figures:
    """One run with so many hosts, measured over so many seconds once it has settled."""
    with HttpStandIn() as sink, installation({"track_commit_timestamp": "on"}, HOST_NAME="centre") as centre:
        (centre.home / "sink-url").write_text(sink.url("/hook"))
        (centre.home / "rules.toml").write_text(RULES)
        centre.environ["TOCSIN_RULES"] = str(centre.home / "rules.toml")
        started = {
            "worker": centre.start(programs.worker(centre.settings), "worker"),
            "beat": centre.start(programs.beat(centre.settings), "beat"),
        }
        player = Player(centre.redis, hosts)
        with ended(started.values()):
            player.start()
            until(lambda: _rows(centre), within=60, what="the first row")
            time.sleep(SETTLE_S)
            groups = {name: process.pid for name, process in started.items()}
            groups |= {"postgres": centre.postgres.pid or 0, "redis": centre.redis_server.pid or 0}
            return _measured(centre, player, sink, groups, seconds)


def _measured(
    centre: Installation, player: Player, sink: HttpStandIn, groups: dict[str, int], seconds: float
) -> Figures:
    player.breaching = True
    since, commits, samples = _ask(centre, NOW), _ask(centre, COMMITS), player.samples
    taken = watch(groups, seconds)
    end, after, sent = _ask(centre, NOW), _ask(centre, COMMITS), player.samples
    left = stream.waiting(centre.redis)
    player.breaching = False
    # What was on its way has a little longer to arrive.
    time.sleep(2 * SAMPLE_INTERVAL.total_seconds())
    player.stop()
    with centre.engine.connect() as connection:
        delays = list(connection.execute(DELAYS, {"since": since, "until": end}).scalars())
    heard = _heard(player, sink)
    return Figures(
        hosts=len(player.names),
        samples_per_s=(sent - samples) / seconds,
        rows=len(delays),
        to_row=Percentiles.of(delays),
        to_message=Percentiles.of(heard),
        messages=len(heard),
        transactions_per_s=(after - commits) / seconds,
        left_in_stream=left,
        taken=taken,
    )


def _heard(player: Player, sink: HttpStandIn) -> list[float]:
    """For each host that was busy, how long after it said so the first message named it."""
    first: dict[str, float] = {}
    for request in sink.requests:
        for host in player.breached:
            if host.encode() in request.body:
                first.setdefault(host, request.at)
    return [first[host] - at for host, at in player.breached.items() if host in first]


def _ask(centre: Installation, question: TextClause) -> Any:
    with centre.engine.connect() as connection:
        return connection.execute(question).scalar_one()


def _rows(centre: Installation) -> bool:
    return bool(_ask(centre, text("SELECT count(*) FROM system_metrics_history")))


def main() -> None:
    """Play each number of hosts in turn."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulator", description=__doc__)
    parser.add_argument("--hosts", type=int, nargs="+", default=[10, 100, 1000], metavar="N")
    parser.add_argument(
        "--for", type=float, dest="seconds", default=60, metavar="SECONDS", help="of measuring"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    arguments = parser.parse_args()
    runs = []
    for hosts in arguments.hosts:
        print(f"playing {hosts} hosts for {arguments.seconds:g} s ...", flush=True)
        runs.append(play(hosts, arguments.seconds))
        print("\n".join(runs[-1].lines()), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(run) for run in runs], indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
