"""The last step before a program runs: step down from root, tie its life to its parent's, become the program.

It is a script of its own, run as `python -I -S leash.py PARENT SIGNAL LOCK IDENTITY PROGRAM …`, because code
that runs between fork and exec of a threaded Python may hang. It keeps its pid when it becomes the program.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h
CLONE_NEWUSER = 0x10000000  # linux/sched.h


def become(parent: int, death_signal: int, lock: int, identity: str, argv: list[str]) -> None:
    """Replace this process by `argv`, which gets `death_signal` when the thread that started it ends.

    `lock` is an inherited, locked descriptor that stays open for the program's life, or -1. Raises OSError.
    """
    if lock >= 0:
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()} {parent}\n".encode(), 0)
    _step_down(identity)
    if sys.platform == "linux":
        # After the change of user, which clears it; and the parent may have died before it was set.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:
            raise ProcessLookupError(0, "its parent is gone")
    # No search along PATH: it would import, and our Python may be out of reach for the new user.
    os.execv(argv[0], argv)  # noqa: S606 - the parent passes a list of its own making, no shell reads it


def _step_down(identity: str) -> None:
    kind, uid, gid = identity.split(":")
    if kind == "user":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    elif kind == "namespace":
        _enter_namespace(int(uid), int(gid))


def _enter_namespace(uid: int, gid: int) -> None:
    """Appear as `uid` in a user namespace of our own: files stay the real user's, and nobody is root."""
    real_uid, real_gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "this system allows no user namespaces")
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {real_uid} 1"),
        ("gid_map", f"{gid} {real_gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib doubles the start
            file.write(line)


if __name__ == "__main__":
    try:
        become(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5:])
    except OSError as error:
        sys.exit(f"{sys.argv[5]} cannot be started: {error.strerror}")
