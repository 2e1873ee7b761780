"""Whether anybody listens at an address: a connection and no word, so that no account is needed."""

import socket
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

WITHIN_S = 2.0


def listens(redis_url: SecretStr) -> bool:
    """Whether the Redis of a setting takes connections."""
    url = urlsplit(redis_url.get_secret_value())
    try:
        if url.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(WITHIN_S)
                connection.connect(str(Path(unquote(url.path))))
        else:
            socket.create_connection((url.hostname or "", url.port or 6379), WITHIN_S).close()
    except OSError:
        return False
    return True
