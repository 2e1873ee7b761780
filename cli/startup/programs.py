"""The programs that make up a running Tocsin: how each is started, and with what environment."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded import Program
from settings import Settings
from worker import flower as worker_flower

# A folder of the person who starts us may hold a `worker` of its own, and Celery looks there first.
NEUTRAL = Path("/")

# Flower would let anybody in, and Celery would not mind to be root.
NEVER = ("FLOWER_UNAUTHENTICATED_API", "C_FORCE_ROOT")

# Glibc gives each thread a heap of its own, which grows and is never given back.
FRUGAL = {"MALLOC_ARENA_MAX": "2"}

QUEUES = ("health", "notify")
CONCURRENCY = 4

# More than there are tasks that wait for anything; a thread is made when it is needed. So nothing waits
# behind a chore, for of each chore one run at a time takes long.
TOGETHER = 32


@dataclass(frozen=True, slots=True)
class Access:
    """How people get into Flower; `source` says where the password lies."""

    address: str
    port: int
    username: str
    password: str
    source: str

    @property
    def url(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"http://{host}:{self.port}"


def together(settings: Settings) -> tuple[str, ...]:
    """All that Tocsin does on one host, in one process: most of what a process takes are its libraries."""
    queues = ("collect", *QUEUES, "chores")
    return _worker(settings, "tocsin", queues, "--concurrency", str(TOGETHER), "--with-beat")


def collector(settings: Settings) -> tuple[str, ...]:
    """Reads this machine: one process, because a collection belongs to a host and takes milliseconds."""
    return _worker(settings, "collector", ("collect",), "--pool", "solo")


def worker(
    settings: Settings,
    *,
    queues: tuple[str, ...] = QUEUES,
    concurrency: int = CONCURRENCY,
    name: str = "worker",
) -> tuple[str, ...]:
    """Works on queues that belong to no host."""
    return _worker(settings, name, queues, "--concurrency", str(concurrency))


def beat(settings: Settings) -> tuple[str, ...]:
    """Says when; its schedule lies in its code and nowhere else."""
    return _run("beat", *_level(settings))


def flower(access: Access) -> tuple[str, ...]:
    """Shows tasks and workers, and starts tasks by hand."""
    conf = Path(worker_flower.__file__).with_name("config.py")
    return _celery("flower", f"--conf={conf}", f"--address={access.address}", f"--port={access.port}")


def buttons() -> tuple[str, ...]:
    """Does what people press under messages in Slack."""
    return (sys.executable, "-P", "-m", "cli.main", "buttons")


def watchdog() -> tuple[str, ...]:
    """Watches all of these, from outside Celery and Redis."""
    return (sys.executable, "-P", "-m", "watchdog")


def environment(base: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """What every program gets: what we have, with the addresses of the servers that settings name."""
    env = {name: value for name, value in base.items() if name not in NEVER}
    # They run in another folder, where a relative path leads elsewhere.
    env |= {name: str(Path(value).absolute()) for name, value in env.items() if _is_relative(name, value)}
    for name, url in (("DATABASE_URL", settings.database_url), ("REDIS_URL", settings.redis_url)):
        if url and not env.get(name) and not env.get(f"{name}_FILE"):
            env[name] = url.get_secret_value()
    return env | {"TOCSIN_HOME": str(settings.tocsin_home), "PYTHONUNBUFFERED": "1"} | FRUGAL


def flower_environment(env: Mapping[str, str], access: Access) -> dict[str, str]:
    """The login goes through the environment, because everybody may read a command line."""
    return {**env, "FLOWER_BASIC_AUTH": f"{access.username}:{access.password}"}


def program(name: str, argv: tuple[str, ...], env: Mapping[str, str]) -> Program:
    return Program(name=name, argv=argv, env=env, cwd=NEUTRAL)


def _worker(settings: Settings, name: str, queues: tuple[str, ...], *options: str) -> tuple[str, ...]:
    # Celery replaces %h and its like in the name of a node.
    node = f"{name}@{settings.host_name}".replace("%", "%%")
    return _run("worker", "--hostname", node, "--queues", ",".join(queues), *options, *_level(settings))


def _run(*words: str) -> tuple[str, ...]:
    # -P: nothing of the folder that we are in is imported.
    return (sys.executable, "-P", "-m", "worker.run", *words)


def _celery(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", "celery", "-A", "worker.celery", *words)


def _level(settings: Settings) -> tuple[str, str]:
    return ("--loglevel", settings.log_level)


def _is_relative(name: str, value: str) -> bool:
    return name.endswith("_FILE") and value.startswith(".")
