"""The way into Flower: a password that nobody had to think of, and a port that is free."""

import os
import secrets
import socket
from pathlib import Path

from cli.errors import CommandError
from cli.startup.programs import Access
from settings import Settings

FILE = "flower-password"
PORTS_TRIED = 50


def access(settings: Settings, *, port: int | None = None) -> Access:
    """How Flower is reached under these settings; makes a password where none is set.

    Raises CommandError when the password is one that Flower cannot take.
    """
    if settings.flower_password:
        password, source = settings.flower_password.get_secret_value(), "FLOWER_PASSWORD"
    else:
        path = settings.tocsin_home / FILE
        password, source = _kept(path), str(path)
    if "," in settings.flower_username + password:
        raise CommandError(
            "FLOWER_USERNAME and FLOWER_PASSWORD: Flower takes no comma in them",
            "choose others",
        )
    return Access(
        settings.flower_address, port or settings.flower_port, settings.flower_username, password, source
    )


def free_port(settings: Settings) -> int:
    """The port that is set, or the next one that is free; raises CommandError when none of them is."""
    first = settings.flower_port
    for port in range(first, min(first + PORTS_TRIED, 65_536)):
        if _is_free(settings.flower_address, port):
            return port
    raise CommandError(
        f"FLOWER_PORT: {settings.flower_address} has no free port from {first} on",
        "set FLOWER_PORT and FLOWER_ADDRESS to what this machine has",
    )


def is_listening(address: str, port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        with socket.create_connection((address, port), timeout=0.2):
            return True
    except OSError:
        return False


def _kept(path: Path) -> str:
    """The password in the file, made at the first time; a file by its side takes its place at once."""
    if path.exists() and (password := path.read_text("utf-8").strip()):
        return password
    password = secrets.token_urlsafe(18)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with open(new, "w", encoding="utf-8", opener=_privately) as file:
        file.write(f"{password}\n")
    new.replace(path)
    return password


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _is_free(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        # As Flower's own server does, or a port whose last connection has just ended would seem taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
