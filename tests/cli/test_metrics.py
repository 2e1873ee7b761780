"""`tocsin metrics`: serving and printing them, and what is said when that cannot be."""

import socket

import pytest

from cli.startup.metrics_server import start_somewhere
from settings import environment, load
from tests.cli.conftest import Run


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    """A port that somebody else listens on, and that is set for the metrics."""
    other = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setenv("METRICS_PORT", str(other.getsockname()[1]))
    return other


def test_it_prints_what_a_scrape_would_get(tocsin: Run) -> None:
    done = tocsin("metrics", "--once")
    assert done.code == 0
    assert 'tocsin_up{part="postgres"} 1.0' in done.out


def test_a_port_that_is_taken_ends_it_with_what_to_do(tocsin: Run, taken: socket.socket) -> None:
    with taken:
        done = tocsin("metrics")
    assert done.code == 69
    assert "somebody listens on 127.0.0.1 port" in done.err
    assert "set METRICS_PORT to a free port" in done.err


def test_an_address_of_another_machine_ends_it_too(tocsin: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_ADDRESS", "192.0.2.1")
    done = tocsin("metrics")
    assert done.code == 69
    assert done.err.startswith("tocsin: METRICS_ADDRESS: nothing can be served on 192.0.2.1 port 9464")


@pytest.mark.usefixtures("tocsin")
def test_up_takes_the_next_free_port(taken: socket.socket) -> None:
    with taken:
        server = start_somewhere(load(environment()))
        server.close()
    assert f":{environment()['METRICS_PORT']}/" not in server.url


def test_without_servers_it_says_how_to_start_them(run: Run) -> None:
    done = run("metrics")
    assert done.code == 69
    assert "tocsin up" in done.err
