"""Whether Redis answers at an address: one word without an account, to which a refusal is an answer too."""

import socket
import ssl
from urllib.parse import unquote, urlsplit

WITHIN_S = 2.0


def answers(redis_url: str) -> bool:
    """Whether the Redis of a setting answers anything: one that is frozen still takes connections."""
    url = urlsplit(redis_url)
    try:
        with _connected(url.scheme, unquote(url.path), url.hostname or "", url.port or 6379) as connection:
            connection.sendall(b"PING\r\n")
            return bool(connection.recv(1))
    except ssl.SSLError:
        # Somebody is there who wants to see a certificate, which is not ours to show.
        return True
    except OSError:
        return False


def _connected(scheme: str, path: str, host: str, port: int) -> socket.socket:
    if scheme == "unix":
        return _at_path(path)
    connection = socket.create_connection((host, port), WITHIN_S)
    return _unverified().wrap_socket(connection) if scheme == "rediss" else connection


def _at_path(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(WITHIN_S)
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def _unverified() -> ssl.SSLContext:
    """Nothing secret is said, and nothing that is heard is believed but that somebody speaks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
