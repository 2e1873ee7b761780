"""The web server around the metrics."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from redis import Redis
from sqlalchemy import Engine

from exporter import Server, Sources, serve

Start = Callable[..., Server]


@pytest.fixture
def start(engine: Engine, redis: Redis) -> Iterator[Start]:
    servers: list[Server] = []

    def on_a_free_port(token: str | None = None, address: str = "127.0.0.1") -> Server:
        servers.append(serve(Sources(engine, redis), address, 0, token))
        return servers[-1]

    yield on_a_free_port
    for server in servers:
        server.close()


def ask(url: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - an address of ours
    try:
        with closing(urllib.request.urlopen(request, timeout=10)) as answer:  # noqa: S310 - as above
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_it_serves_metrics(start: Start) -> None:
    status, text = ask(start().url)
    assert status == 200
    assert 'tocsin_up{part="postgres"} 1.0' in text


def test_it_serves_metrics_over_ipv6(start: Start) -> None:
    assert ask(start(address="::1").url)[0] == 200


def test_it_says_where_they_are(start: Start) -> None:
    status, text = ask(start().url.removesuffix("/metrics"))
    assert (status, text) == (404, "The metrics are at /metrics.\n")


def test_it_says_that_it_lives_without_a_token(start: Start) -> None:
    server = start("right")
    assert ask(server.url.replace("/metrics", "/-/healthy")) == (200, "It serves.\n")


@pytest.mark.parametrize("shown", [{}, {"Authorization": "Bearer guessed"}, {"Authorization": "tökén"}])
def test_a_token_has_to_be_shown(start: Start, shown: dict[str, str]) -> None:
    status, text = ask(start("right").url, **shown)
    assert status == 401
    assert "tocsin_up" not in text


def test_whoever_shows_the_token_gets_the_metrics(start: Start) -> None:
    assert ask(start("right").url, Authorization="Bearer right")[0] == 200


def test_a_port_that_is_taken_is_an_error(start: Start, engine: Engine, redis: Redis) -> None:
    taken = int(start().url.split(":")[2].partition("/")[0])
    with pytest.raises(OSError, match="in use"):
        serve(Sources(engine, redis), "127.0.0.1", taken)
