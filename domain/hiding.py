"""Takes secrets out of a text; a library may have quoted one."""

import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote, urlsplit

MASK = "****"

# Hiding a password of two letters would make every text unreadable and show where the letters were.
SHORTEST_HIDDEN = 4


class Hiding:
    """Knows secrets in every spelling."""

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {spelt for value in secrets for one in (value, *_parts(value)) for spelt in _spellings(one)}
        # The longest first: what is left of a URL without its password is no secret.
        self._secrets = sorted((one for one in found if len(one) >= SHORTEST_HIDDEN), key=len, reverse=True)

    def hidden(self, text: str) -> str:
        """The text without them."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text


def _parts(value: str) -> Iterator[str]:
    """What of a URL is the secret: its password, or the path of one without; nothing of what is no URL."""
    try:
        url = urlsplit(value)
    except ValueError:
        return
    if url.password:
        yield from (url.password, unquote(url.password))
    elif url.scheme in ("http", "https") and url.path.strip("/"):
        yield url.path


def _spellings(secret: str) -> Iterator[str]:
    yield from (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1])
