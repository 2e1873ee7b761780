"""The file that a bug leaves behind: the whole traceback, out of the way and without secrets."""

import os
import tempfile
import traceback
from datetime import datetime
from pathlib import Path

from domain.hiding import Hiding
from settings import SettingsError, environment, load, secrets
from settings.model import default_home


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
    return Hiding(secrets(environment())).hidden(text)


def _home() -> Path:
    try:
        return load(environment()).tocsin_home
    except SettingsError:
        return default_home()
