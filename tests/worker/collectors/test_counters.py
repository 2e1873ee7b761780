"""Counters travel between processes as JSON, and whatever is no counters is as if there were none."""

import pytest

from domain.rates import CpuTimes, Interfaces, Moment
from worker.collectors.counters import Counters, ProcessCounters, dump, load

SYSTEM = Counters(
    moment=Moment("boot", 123.456),
    cpu=CpuTimes(123.456, 10, 20),
    interfaces=Interfaces(("eth0",), (2**63,), (7,)),
    trail=(CpuTimes(100.0, 1, 2), CpuTimes(115.5, 3, 4)),
)
PROCESSES = ProcessCounters(Moment("boot", 1.5), {1: (25, 300), 4_194_304: (2**40, 0)})


def test_counters_come_back_as_they_went() -> None:
    assert load(Counters, dump(SYSTEM)) == SYSTEM
    assert load(ProcessCounters, dump(PROCESSES).decode()) == PROCESSES


def test_nothing_kept_is_no_counters() -> None:
    assert load(Counters, None) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"{}",
        b'{"moment": ["boot"]}',
        b"\xff\x00",
        dump(PROCESSES).replace(b"1.5", b"NaN"),
        b'{"moment": ["boot", Infinity]}',
    ],
)
def test_what_another_version_or_a_vandal_left_is_no_counters(content: bytes) -> None:
    assert load(Counters, content) is None


def test_the_counters_of_two_thousand_processes_fit_into_a_hundred_kilobytes() -> None:
    many = ProcessCounters(Moment("boot", 1e6), {pid: (10**8 + pid, 10**7) for pid in range(30_000, 32_000)})
    assert len(dump(many)) < 100_000
