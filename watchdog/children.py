"""The programs that the watchdog starts when it needs them: who reads settings, who speaks and who works."""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress

import structlog

from watchdog.news import News
from watchdog.orders import Orders

log = structlog.get_logger()

# The channels have 20 s; the rest is for a machine that is short of everything.
SPEAKS_WITHIN_S = 60.0
ENDS_WITHIN_S = 5.0

# -P: nothing of the folder that we are in is imported.
PYTHON = (sys.executable, "-P", "-m")
STAND_IN = (*PYTHON, "watchdog.stand_in")


def orders() -> Orders:
    """The orders that the settings give; ends this process, as that one ended, where they give none."""
    done = subprocess.run([*PYTHON, "watchdog.ordering"], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)
    return Orders.loaded(done.stdout)


def tell(news: News) -> bool:
    """Tell people, in a process of its own; whether anybody was reached. Takes a minute at most."""
    try:
        done = subprocess.run(
            [*PYTHON, "watchdog.voice"],
            input=news.dumped(),
            stdout=subprocess.PIPE,
            text=True,
            timeout=SPEAKS_WITHIN_S,
            check=True,
        )
        answers = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        log.error("watchdog.not_told", reason=type(error).__name__)  # noqa: TRY400 - one sentence is enough
        return False
    reached = [name for name, problem in answers.items() if problem is None]
    failed = {name: problem for name, problem in answers.items() if problem is not None}
    log.warning("watchdog.told", parts=[item.part for item in news.items], reached=reached, failed=failed)
    return bool(reached)


class Understudy:
    """The process that does what is due; it runs only while there is something to stand in for."""

    def __init__(self, program: Sequence[str] = STAND_IN) -> None:
        self._program = program
        self._process: subprocess.Popen[str] | None = None
        self.queues: frozenset[str] = frozenset()

    def stand_in(self, queues: Iterable[str]) -> None:
        """Stand in for these queues from now on, and for no other."""
        wanted = frozenset(queues)
        if wanted != self.queues:
            log.warning("watchdog.standing_in", queues=sorted(wanted))
        self.queues = wanted
        if not wanted:
            self.stop()
        elif not self._say(" ".join(sorted(wanted))):
            self._start()
            self._say(" ".join(sorted(wanted)))

    def stop(self) -> None:
        """It ends with its input; a chore that is cut is begun again by whoever comes next."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _start(self) -> None:
        self.stop()
        self._process = subprocess.Popen(self._program, stdin=subprocess.PIPE, text=True, bufsize=1)

    def _say(self, line: str) -> bool:
        if self._process is None or self._process.poll() is not None or self._process.stdin is None:
            return False
        try:
            self._process.stdin.write(f"{line}\n")
        except OSError:
            return False
        return True
