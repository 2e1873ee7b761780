"""The file that a bug leaves behind: the whole traceback, out of the way and without secrets."""

import os
import tempfile
import traceback
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from settings import SettingsError, environment, load
from settings.model import default_home, is_secret
from settings.problems import MASK
from settings.reading import read

# Hiding a password of two letters would make every text unreadable and show where the letters were.
SHORTEST_HIDDEN = 4


def write(error: BaseException, now: datetime) -> Path | None:
    """Write the traceback to TOCSIN_HOME/log, or where temporary files go; answer where, None for nowhere."""
    text = without_secrets("".join(traceback.format_exception(error)))
    for directory in (_home() / "log", Path(tempfile.gettempdir())):
        path = directory / f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}.log"
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600, exist_ok=False)
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return path
    return None


def without_secrets(text: str) -> str:
    """A text in which no secret of the environment can be read; a library may have quoted one."""
    readings, _ = read(environment())
    values = [reading.text.strip() for field, reading in readings.items() if is_secret(field)]
    secrets = {secret for value in values for secret in (value, *_password(value))}
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_HIDDEN:
            text = text.replace(secret, MASK)
    return text


def _password(value: str) -> tuple[str, ...]:
    """The password in a URL, encoded and plain; nothing for what is no URL."""
    try:
        password = urlsplit(value).password
    except ValueError:
        return ()
    return (password, unquote(password)) if password else ()


def _home() -> Path:
    try:
        return load(environment()).tocsin_home
    except SettingsError:
        return default_home()
