"""Quotes what the other side said, short and without any secret that it may have repeated."""

from base64 import b64encode
from urllib.parse import urlsplit

from pydantic import SecretStr

from domain.hiding import MASK
from notifications.escaping import plain

QUOTE = 200


def quoted(words: str | bytes, *secrets: SecretStr | None) -> str:
    """`words` as one short line, with each secret, plain or in base64, replaced by `****`."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    for secret in secrets:
        for form in _forms(secret.get_secret_value()) if secret else []:
            text = text.replace(form, MASK)
    return plain(text, QUOTE) or "nothing"


def _forms(secret: str) -> list[str]:
    """Longest first: what is left of a secret after half of it was replaced is still half a secret."""
    path = urlsplit(secret).path if "://" in secret else secret
    forms = {secret, path, path.rpartition("/")[2], b64encode(secret.encode()).decode()}
    return sorted((form for form in forms if form.strip("/")), key=len, reverse=True)
