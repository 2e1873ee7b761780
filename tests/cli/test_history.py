"""`tocsin history` shows what was measured, from where, how complete, and in which form one likes."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from models import partitions
from tests.cli.conftest import Run
from tests.worker.raw import DAY, HOUR, TICK, add_days, add_disk, add_hosts, add_many
from worker.rollups import Period, aggregate

CPU = ("history", "cpu_percent", "--host", "web-1", "--since", "2026-11-21T10:00")


@pytest.fixture
def measured(engine: Engine) -> Engine:
    """Two hours of web-1 on 21 November, from 10:00, the second with a gap of half an hour."""
    add_days(engine)
    with engine.begin() as connection:
        (host_id, _) = add_hosts(connection, "web-1", "web-2")
        add_many(connection, host_id, HOUR, 720, 40)
        add_many(connection, host_id, HOUR + timedelta(minutes=90), 360, 80)
        for mount in ("/", "/var"):
            add_disk(connection, host_id, HOUR, mount, 30)
    aggregate(engine, Period.HOUR, DAY, DAY + timedelta(days=1))
    aggregate(engine, Period.DAY, DAY, DAY + timedelta(days=1))
    return engine


@pytest.fixture
def shell(tocsin: Run, measured: Engine) -> Run:
    assert measured
    return tocsin


def test_it_shows_steps_and_says_where_they_come_from_and_how_complete(shell: Run) -> None:
    done = shell(*CPU, "--until", "2026-11-21T12:00")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split() == ["from,", "UTC", "min", "avg", "max", "values"]
    assert lines[1].split() == ["2026-11-21", "10:00:00", "40", "40", "40", "60"]
    assert len(lines) == 1 + 12 + 6 + 1  # five minutes each, and none where nothing was measured
    assert lines[-1] == (
        "cpu_percent of web-1 in %, from raw in steps of 5m, because raw rows say most;"
        " 75 % complete (1,080 of 1,440 values)"
    )


def test_a_longer_time_comes_from_hours_and_a_long_one_from_days(shell: Run) -> None:
    def source(*more: str) -> tuple[str, object]:
        answer = shell("history", "cpu_percent", "--host", "web-1", *more, "--json").json
        return answer["source"], [point["avg"] for point in answer["points"]]

    day = ("--since", "2026-11-21", "--until", "2026-11-22")
    assert source(*day) == ("hours", [40, 80])
    assert source(*day, "--step", "1d") == ("days", [pytest.approx((720 * 40 + 360 * 80) / 1080)])


def test_hours_and_raw_rows_agree(shell: Run) -> None:
    two = (*CPU, "--until", "2026-11-21T12:00", "--json")
    fine, coarse = shell(*two, "--step", "30m").json, shell(*two, "--step", "2h").json
    assert (fine["source"], coarse["source"]) == ("raw", "hours")
    assert fine["count"] == coarse["count"] == 1080
    mean = sum(point["avg"] * point["count"] for point in fine["points"]) / fine["count"]
    assert [point["avg"] for point in coarse["points"]] == [pytest.approx(mean)]


def test_when_raw_rows_are_gone_hours_answer_and_it_says_so(shell: Run, measured: Engine) -> None:
    with measured.connect() as connection:
        there = partitions.existing(connection)
    for partition in there:
        partitions.drop(measured, partition)
    answer = shell(*CPU, "--until", "2026-11-21T12:00", "--json").json
    assert (answer["source"], answer["reason"]) == ("hours", "there are no raw rows")


def test_csv_can_be_read_by_programs(shell: Run) -> None:
    done = shell(*CPU, "--until", "2026-11-21T10:01", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert len(rows) == 12
    assert rows[0] == {
        "at": "2026-11-21T10:00:00Z",
        "min": "40.0",
        "avg": "40.0",
        "max": "40.0",
        "count": "1",
    }


def test_a_chart_in_the_terminal_has_its_gap_and_its_axes(shell: Run) -> None:
    out = shell(*CPU, "--until", "2026-11-21T12:00", "--plot").out
    head, *lines = out.splitlines()
    assert head == "web-1 · cpu_percent, %, 2026-11-21 10:00 to 12:00 UTC"
    assert "\x1b" not in out
    assert any("10:30" in line and "11:30" in line for line in lines)
    drawn = [line for line in lines if "▀" in line or "▄" in line]
    assert len(drawn) == 2  # one line at 40, one at 80, and nothing that joins them


def test_pictures_go_into_files(shell: Run, tmp_path: Path) -> None:
    png, svg = tmp_path / "cpu.png", tmp_path / "cpu.svg"
    done = shell(*CPU, "--until", "2026-11-21T12:00", "--png", str(png), "--svg", str(svg))
    assert done.out.splitlines()[1:] == [f"drawn into {svg}", f"drawn into {png}"]
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "web-1 · cpu_percent" in svg.read_text("utf-8")


def test_a_picture_without_a_place_says_so(shell: Run, tmp_path: Path) -> None:
    done = shell(*CPU, "--until", "2026-11-21T12:00", "--png", str(tmp_path / "nowhere" / "cpu.png"))
    assert done.code == 1
    assert "cpu.png cannot be written (No such file or directory); name another file" in done.err


def test_alerts_of_the_metric_are_marked(shell: Run, measured: Engine, tmp_path: Path) -> None:
    with measured.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO infrastructure_alerts (opened_at, breach_since, host_id, value, peak, threshold,"
                " component, rule, metric, unit, severity, message, snapshot)"
                " SELECT :at, :at, id, 80, 80, 75, 'cpu', 'busy', 'cpu_percent', '%', 'critical', '', '{}'"
                "   FROM hosts WHERE name = 'web-1'"
            ),
            {"at": HOUR + timedelta(minutes=95)},
        )
    svg = tmp_path / "cpu.svg"
    shell(*CPU, "--until", "2026-11-21T12:00", "--svg", str(svg))
    assert "critical 75" in svg.read_text("utf-8")
    assert ">#1<" in svg.read_text("utf-8")


QUEUE = ("history", "queue_length", "--host", "web-1", "--since", "2026-11-21T10:00")


@pytest.fixture
def queues(shell: Run, measured: Engine) -> Run:
    """Two hours of two queues of web-1, as somebody wrote them each minute; nothing of it is rolled up."""
    written = text("""
        WITH metric AS (
            INSERT INTO metrics VALUES (1000, 'queue_length', 'custom', '', 'written') RETURNING id
        ), series AS (
            INSERT INTO custom_series (host_id, last_at, metric_id, subject, labels)
            SELECT h.id, CAST(:start AS timestamptz) + interval '2 hours', metric.id, 'queue=' || queue, '{}'
              FROM metric, hosts AS h, unnest(ARRAY['mail', 'web']) AS queue WHERE h.name = 'web-1'
            RETURNING id)
        INSERT INTO custom_metrics_history
        SELECT CAST(:start AS timestamptz) + n * interval '1 minute', n, id
          FROM series, generate_series(0, 119) AS n
    """)
    with measured.begin() as connection:
        connection.execute(written, {"start": HOUR})
    return shell


def test_a_metric_of_ones_own_is_shown_at_once(queues: Run) -> None:
    done = queues(*QUEUE, "--subject", "queue=mail", "--until", "2026-11-21T12:00", "--step", "30m")
    assert (done.code, done.err) == (0, "")
    figures = [line.split()[2:] for line in done.out.splitlines()[1:-1]]
    assert figures == [[str(n), str(n + 14.5), str(n + 29), "30"] for n in (0, 30, 60, 90)]
    assert done.out.splitlines()[-1] == (
        "queue_length of web-1, from raw in steps of 30m, because raw rows say most;"
        " 100 % complete (120 of 120 values)"
    )


def test_a_metric_of_ones_own_has_no_step_shorter_than_its_values_are_apart(queues: Run) -> None:
    answer = queues(*QUEUE, "--subject", "queue=web", "--until", "2026-11-21T12:00", "--json").json
    assert (answer["step"], len(answer["points"])) == (60, 120)


def test_a_metric_of_ones_own_is_shown_from_hours_and_days_too(queues: Run, measured: Engine) -> None:
    for period in Period:
        aggregate(measured, period, DAY, DAY + timedelta(days=1), force=True)
    day = (*QUEUE[:4], "--subject", "queue=mail", "--since", "2026-11-21", "--until", "2026-11-22", "--json")
    found = [queues(*day, "--step", step).json for step in ("1h", "1d")]
    assert [one["source"] for one in found] == ["hours", "days"]
    assert [[point["avg"] for point in one["points"]] for one in found] == [[29.5, 89.5], [59.5]]
    assert [one["complete_percent"] for one in found] == [100, 100]


def test_a_metric_of_ones_own_with_labels_wants_to_know_which(queues: Run) -> None:
    done = queues(*QUEUE)
    assert done.code == 2
    assert "queue_length is of one of several; give --subject, one of queue=mail, queue=web" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cpu_percnt", "--host", "web-1"), "there is no metric 'cpu_percnt'; did you mean cpu_percent?"),
        (("cpu_percent", "--host", "wbe-1"), "there is no host 'wbe-1'; did you mean web-1?"),
        (("cpu_percent", "--host", "zzz"), "there is no host 'zzz'; there are web-1, web-2"),
        (("cpu_percent", "--host", "web-1", "--step", "5"), "--step: '5' is not a duration"),
        (("cpu_percent", "--host", "web-1", "--step", "0s"), "a step is a second at least"),
        (("cpu_percent", "--host", "web-1", "--since", "soon"), "--since: 'soon' is no time"),
        (
            ("cpu_percent", "--host", "web-1", "--since", "2026-11-22", "--until", "2026-11-21"),
            "the end must come after the start",
        ),
        (
            ("mount_percent", "--host", "web-1", "--since", "2026-11-21"),
            "mount_percent is of one of several; give --subject, one of /, /var",
        ),
        (
            ("mount_percent", "--host", "web-1", "--since", "2026-11-21", "--subject", "/vra"),
            "there is no subject '/vra'; did you mean /var?",
        ),
    ],
)
def test_what_is_not_there_is_said_with_what_was_meant(
    shell: Run, arguments: tuple[str, ...], said: str
) -> None:
    done = shell("history", *arguments)
    assert done.code == 2
    assert said in done.err


def test_one_of_several_is_shown_alone(shell: Run) -> None:
    about = (
        "history",
        "mount_percent",
        "--host",
        "web-1",
        "--subject",
        "/var",
        "--since",
        "2026-11-21T09:00",
    )
    answer = shell(*about, "--until", "2026-11-21T11:00", "--json").json
    assert [(point["count"], point["avg"]) for point in answer["points"]] == [(1, 30)]


def test_a_host_without_values_is_an_empty_history(shell: Run) -> None:
    answer = shell("history", "cpu_percent", "--host", "web-2", "--since", "1h", "--json").json
    assert (answer["points"], answer["complete_percent"]) == ([], 0)
    assert datetime.fromisoformat(answer["until"]) - datetime.fromisoformat(answer["since"]) < 721 * TICK
    assert datetime.fromisoformat(answer["until"]) <= datetime.now(UTC) + TICK
