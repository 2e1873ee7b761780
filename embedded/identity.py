"""Who a server runs as: Postgres refuses to be root, and needs a user that has a name."""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL
from typing import Literal

LEASH = Path(__file__).with_name("leash.py")
PROBE = 'test -w "$1" && { test -z "$2" || exec "$2" --version; }'


@dataclass(frozen=True, slots=True)
class Identity:
    """A user to run as: ourselves, another (only root can), or ourselves by another number in a namespace."""

    kind: Literal["self", "user", "namespace"]
    uid: int
    gid: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.uid}:{self.gid}"

    @property
    def owner(self) -> tuple[int, int]:
        """The user and group that files of this identity belong to, seen from outside."""
        return (self.uid, self.gid) if self.kind == "user" else (os.geteuid(), os.getegid())


OURSELVES = Identity("self", -1, -1)


def leashed(identity: Identity, argv: Sequence[str], *, death_signal: int, lock: int = -1) -> list[str]:
    """The command that runs `argv` as `identity`, and ends it with `death_signal` when our thread ends."""
    leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(death_signal)), str(lock)]
    return [*leash, str(identity), *argv]


def run(
    identity: Identity,
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    text: str | None = None,
    within: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a short command as `identity` with `text` on its standard input.

    Raises TimeoutError, an OSError, when it takes longer than `within` seconds.
    """
    try:
        return subprocess.run(
            leashed(identity, argv, death_signal=SIGKILL),
            env=dict(env),
            cwd="/",
            input=text or "",
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"{argv[0]} took longer than {within:g} seconds") from error


def find(folder: Path, program: Path | None = None) -> Identity | None:
    """An identity that may write to `folder`, which becomes its own, and run `program`, which refuses root.

    None when there is none: neither another user nor a user namespace can do both.
    """
    for identity in _candidates(folder):
        give(folder, identity)
        if identity == OURSELVES or _works(identity, folder, program):
            return identity
    return None


def give(folder: Path, identity: Identity) -> None:
    """Make `folder` and all in it the identity's own; only root can, and only root needs to."""
    if os.geteuid() != 0 or (folder.stat().st_uid, folder.stat().st_gid) == identity.owner:
        return
    for below, names, files in os.walk(folder):
        for name in (*names, *files):
            os.chown(Path(below) / name, *identity.owner, follow_symlinks=False)
    os.chown(folder, *identity.owner)


def _candidates(folder: Path) -> Iterator[Identity]:
    """Who might do, the one that the folder belongs to first: then nothing in it has to change hands."""
    namespaces = [Identity("namespace", user.pw_uid, user.pw_gid) for user in _named("nobody")]
    if os.geteuid() == 0:
        if any(folder.iterdir()) and folder.stat().st_uid == 0:
            yield from namespaces
        owners = [folder.stat(), _first_owned(folder).stat()]
        yield from (Identity("user", owner.st_uid, owner.st_gid) for owner in owners if owner.st_uid != 0)
        yield from (Identity("user", user.pw_uid, user.pw_gid) for user in _named("nobody"))
    elif _has_name(os.geteuid()):
        yield OURSELVES
    yield from namespaces


def _first_owned(folder: Path) -> Path:
    """The nearest folder above that is not root's: under `sudo` it belongs to the person who typed it."""
    return next((above for above in folder.parents if above.stat().st_uid != 0), folder)


def _named(name: str) -> list[pwd.struct_passwd]:
    return [user for user in pwd.getpwall() if user.pw_name == name]


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _works(identity: Identity, folder: Path, program: Path | None) -> bool:
    probe = ["/bin/sh", "-c", PROBE, "sh", str(folder), str(program or "")]
    return run(identity, probe, {"PATH": os.defpath}).returncode == 0
