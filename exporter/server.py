"""The little web server that Prometheus asks: `/metrics`, and for whoever must show one, a token."""

import hmac
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from socketserver import TCPServer
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import ThreadingWSGIServer, make_wsgi_app

from exporter.sources import Sources

PATH = "/metrics"
# Whether the server itself lives, for a container's health check; it asks nobody, and needs no token.
HEALTHY = "/-/healthy"

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers in a thread of its own until it is closed."""

    url: str
    _server: WSGIServer
    _thread: Thread

    def wait(self) -> None:
        """Wait until somebody closes it."""
        self._thread.join()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve(sources: Sources, address: str, port: int, token: str | None = None) -> Server:
    """Serve metrics on an address and port, 0 for any that is free; raises OSError when it is taken."""
    kind = _Sixth if ":" in address else _Threading
    server = make_server(address, port, application(sources, token), kind, handler_class=_Handler)
    thread = Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    host = f"[{address}]" if ":" in address else address
    return Server(f"http://{host}:{server.server_port}{PATH}", server, thread)


def application(sources: Sources, token: str | None) -> App:
    """The web application: metrics at their path, for whoever shows the token if there is one."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(sources)
    metrics: App = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == HEALTHY:
            return _say(start, "200 OK", "It serves.")
        if environ["PATH_INFO"] != PATH:
            return _say(start, "404 Not Found", f"The metrics are at {PATH}.")
        if token is not None and not _shows(environ, token):
            return _say(start, "401 Unauthorized", "Show METRICS_TOKEN as a bearer token.")
        return metrics(environ, start)

    return answer


def _shows(environ: dict[str, Any], token: str) -> bool:
    shown = str(environ.get("HTTP_AUTHORIZATION", ""))
    # WSGI hands headers over as Latin-1; what is compared are the bytes that were sent.
    return hmac.compare_digest(shown.encode("latin-1", "replace"), f"Bearer {token}".encode())


def _say(start: Callable[..., Any], status: str, sentence: str) -> Iterable[bytes]:
    headers = [("Content-Type", "text/plain; charset=utf-8")]
    if status.startswith("401"):
        headers.append(("WWW-Authenticate", 'Bearer realm="tocsin"'))
    start(status, headers)
    return [f"{sentence}\n".encode()]


class _Threading(ThreadingWSGIServer):
    """Answers several at once, and asks no name service who it is."""

    def server_bind(self) -> None:
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _Sixth(_Threading):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    """Ends a request that does not come to its end, and writes no log."""

    timeout = 10

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name upstream
        """Say nothing: each scrape would be a line."""
