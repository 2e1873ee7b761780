"""What can be read of a running Tocsin, by place: Redis and what passes it, Flower, the database, metrics."""

import base64
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

from redis import Redis
from sqlalchemy import Engine, text

from tests.leaks.canaries import word

PAGES = ("/workers", "/worker/tocsin@web-1", "/tasks", "/broker", "/run", "/run/ledger")
ANSWERS = ("/api/workers?refresh=1", "/api/tasks", "/api/task/types", "/api/queues/length")


@contextmanager
def monitored(path: Path) -> Iterator[bytearray]:
    """Every command that reaches the Redis behind a Unix socket until the end of the block, as it came."""
    seen = bytearray()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.connect(str(path))
        listening.sendall(b"MONITOR\r\n")
        thread = threading.Thread(target=_listen, args=(listening, seen), daemon=True)
        thread.start()
        yield seen
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _listen(listening: socket.socket, seen: bytearray) -> None:
    while said := listening.recv(65_536):
        seen += said


def of_redis(redis: Redis) -> str:
    """Every key with all that it holds."""
    return "\n".join(f"{key!r}: {_content(redis, key)!r}" for key in redis.scan_iter())


def _content(redis: Redis, key: bytes) -> Any:
    read: dict[bytes, Callable[[bytes], Any]] = {
        b"string": redis.get,
        b"list": lambda name: redis.lrange(name, 0, -1),
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"zset": lambda name: redis.zrange(name, 0, -1),
        b"stream": redis.xrange,
    }
    kind = cast("bytes", redis.type(key))
    # A key may end between two looks.
    return read[kind](key) if kind in read else None


def of_database(engine: Engine) -> str:
    """Every row of every table, as text."""
    tables = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    with engine.connect() as connection:
        names = connection.scalars(text(tables)).all()
        rows = [connection.scalars(text(f'SELECT t::text FROM "{n}" AS t')).all() for n in names]  # noqa: S608
    return "\n".join(f"{name}: {row}" for name, some in zip(names, rows, strict=True) for row in some)


def of_flower(url: str) -> str:
    """The pages and answers of a Flower, whatever their status."""
    login = base64.b64encode(f"ops:{word('FLOWER_PASSWORD')}".encode()).decode()
    return "\n".join(fetched(f"{url}{path}", f"Basic {login}") for path in (*PAGES, *ANSWERS))


def fetched(url: str, authorization: str) -> str:
    request = urllib.request.Request(url, headers={"Authorization": authorization})  # noqa: S310 - ours
    try:
        with closing(urllib.request.urlopen(request, timeout=20)) as answer:  # noqa: S310 - as above
            return f"{answer.status} {url}\n{answer.read().decode()}"
    except urllib.error.HTTPError as error:
        with error:
            return f"{error.code} {url}\n{error.read().decode()}"
