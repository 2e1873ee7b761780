"""`tocsin hosts`: which machines there are, and how one is retired."""

from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import Engine, text

from policy import load
from settings import load as load_settings
from tests import samples
from tests.cli.conftest import Run
from worker import stream
from worker.recording import record_waiting


@pytest.fixture
def hosts(engine: Engine, redis: Redis) -> None:
    """web-1 was seen an hour ago for the last time, web-2 just now."""
    for name in ("web-1", "web-2"):
        stream.publish(redis, samples.system(name))
    stream.publish(redis, samples.processes("has-never-been-read"))
    record_waiting(engine, redis, load(None, load_settings({})), consumer="test")
    with engine.begin() as connection:
        ago = {"ago": timedelta(hours=1)}
        connection.execute(
            text("UPDATE hosts SET last_seen_at = last_seen_at - :ago WHERE name = 'web-1'"), ago
        )


@pytest.mark.usefixtures("hosts")
def test_it_lists_the_machines_and_whether_they_report(tocsin: Run) -> None:
    _head, first, second = tocsin("hosts", "list").out.splitlines()
    assert first.startswith("web-1  silent for 1 h")
    assert second.startswith("web-2  reporting")
    assert first.rstrip().endswith("4       16.0  Linux 6.1")


@pytest.mark.usefixtures("hosts")
def test_a_retired_one_is_listed_with_all_of_them_and_awaited_by_nobody(tocsin: Run) -> None:
    said = tocsin("hosts", "retire", "web-1", "--by", "anna")
    assert said.out == "web-1 is retired by anna; its next sample would bring it back\n"
    assert [host["name"] for host in tocsin("hosts", "list", "--json").json] == ["web-2"]
    assert "web-1  retired 20" in tocsin("hosts", "list", "--all").out
    assert [one["host"] for one in tocsin("status", "--json").json["situation"]["readings"]] == ["web-2"]


@pytest.mark.usefixtures("hosts")
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("web-2", "web-2 sent a sample "),
        ("web-3", "there is no host 'web-3'; tocsin hosts list shows which there are"),
        ("tocsin", "there is no host 'tocsin'"),
    ],
)
def test_what_cannot_be_retired_is_refused_and_stays(tocsin: Run, name: str, sentence: str) -> None:
    done = tocsin("hosts", "retire", name)
    assert done.code == 1
    assert sentence in done.err
    assert len(tocsin("hosts", "list", "--json").json) == 2


def test_without_a_host_it_says_so(tocsin: Run) -> None:
    assert tocsin("hosts", "list").out == "no host has sent a sample yet; is a collector running?\n"
