"""The supervisor: order, restarts, a clean end, and only one for each home."""

import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from embedded import EmbeddedError, Program, State, Status, Supervisor
from embedded.keeping import delay
from tests.embedded.programs import alive, parent, program
from tests.waiting import until

TWO_WITH_CHILDREN = """
import sys
from pathlib import Path
from embedded import Program, Supervisor
code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
programs = [Program(name, (sys.executable, "-c", code), {}) for name in ("first", "second")]
supervisor = Supervisor(programs, Path(sys.argv[1]))
supervisor.start()
print(*(status.pid for status in supervisor.status()))
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
FAREWELL = """
import signal, sys, time
def stop(*_):
    with open("{file}", "a") as file:
        file.write("{name} ")
    sys.exit()
signal.signal(signal.SIGTERM, stop)
print("listening", flush=True)
time.sleep(600)
"""
HAS_A_CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
child.wait()
"""
DIES = "import sys; sys.exit('I have no port to listen on')"


def says(program: Program, home: Path, word: str) -> Program:
    """The program, ready once its log has the word."""
    log = home / "log" / f"{program.name}.log"
    return replace(program, ready=lambda: word in log.read_text("utf-8"))


def waiting_again(supervisor: Supervisor, name: str) -> Status | None:
    """The status of a program that died, once the supervisor has noticed."""
    found = next(status for status in supervisor.poll() if status.name == name)
    return found if found.state is State.WAITING else None


def running_again(supervisor: Supervisor, name: str) -> Status | None:
    found = next(status for status in supervisor.poll() if status.name == name)
    return found if found.state is State.RUNNING else None


def running_in(home: Path) -> list[str]:
    """The names of the programs that hold their lock."""
    locks = {str(path): path.stem for path in (home / "run").iterdir()}
    held = Path("/proc/locks").read_text("ascii")
    return [name for path, name in locks.items() if f":{Path(path).stat().st_ino} " in held]


def test_programs_start_in_order_each_when_the_one_before_is_ready(home: Path) -> None:
    order: list[str] = []

    def ready(name: str) -> bool:
        order.append(f"{name} is ready")
        return order.count(f"{name} is ready") == 2

    def noted(name: str) -> Program:
        return replace(program(name), prepare=lambda: order.append(name), ready=lambda: ready(name))

    with Supervisor([noted("postgres"), noted("worker")], home) as supervisor:
        assert [(s.name, s.state) for s in supervisor.status()] == [
            ("postgres", State.RUNNING),
            ("worker", State.RUNNING),
        ]
    once = ["postgres", "postgres is ready", "postgres is ready"]
    assert order == once + [step.replace("postgres", "worker") for step in once]


def test_programs_stop_in_reverse_order_and_nothing_is_left(home: Path) -> None:
    farewells = home.parent / "farewells"
    programs = [
        says(program(name, FAREWELL.format(file=farewells, name=name)), home, "listening") for name in "abc"
    ]
    with Supervisor(programs, home) as supervisor:
        pids = [status.pid for status in supervisor.status()]
    assert farewells.read_text("ascii").split() == ["c", "b", "a"]
    assert [alive(pid) for pid in pids if pid is not None] == [False] * 3
    assert {status.state for status in supervisor.status()} == {State.STOPPED}


def test_one_that_is_launched_later_is_stopped_first_and_each_stop_is_told(home: Path) -> None:
    told: list[str] = []
    with Supervisor([program("postgres"), program("redis")], home, stopping=told.append) as supervisor:
        supervisor.launch(program("worker"))
        assert [status.name for status in supervisor.poll()] == ["postgres", "redis", "worker"]
        pids = [status.pid for status in supervisor.status()]
    assert told == ["worker", "redis", "postgres"]
    assert [alive(pid) for pid in pids if pid is not None] == [False] * 3


def test_one_that_cannot_be_launched_leaves_the_others_running(home: Path) -> None:
    with Supervisor([program("postgres")], home) as supervisor:
        with pytest.raises(EmbeddedError, match=r"broken ended with exit code 1"):
            supervisor.launch(replace(program("broken", DIES), ready=lambda: False))
        assert [(s.name, s.state) for s in supervisor.poll()] == [("postgres", State.RUNNING)]


def test_a_program_that_ignores_the_request_to_stop_is_killed(home: Path) -> None:
    deaf = replace(says(program("deaf", DEAF), home, "deaf"), stop_within=0.1)
    with Supervisor([deaf], home) as supervisor:
        [status] = supervisor.status()
    assert status.pid is not None
    assert not alive(status.pid)


def test_a_program_that_dies_is_restarted_after_a_pause(home: Path) -> None:
    with Supervisor([program("steady"), program("fragile")], home) as supervisor:
        steady, fragile = supervisor.status()
        assert fragile.pid is not None
        os.kill(fragile.pid, signal.SIGKILL)
        dead = until(lambda: waiting_again(supervisor, "fragile"), within=5, what="its death to be noticed")
        assert dead.pid is None
        assert dead.reason.startswith("fragile was ended by SIGKILL. ")
        again = until(lambda: running_again(supervisor, "fragile"), within=5, what="its restart")
        assert again.restarts == 1
        assert (again.since - dead.since).total_seconds() > 0.9
        assert supervisor.status()[0] == steady


def test_a_program_that_cannot_be_prepared_is_tried_again(home: Path) -> None:
    trouble = iter([None, "the disk is full", None])

    def prepare() -> None:
        if problem := next(trouble):
            raise EmbeddedError(problem)

    with Supervisor([replace(program("fragile"), prepare=prepare)], home) as supervisor:
        [status] = supervisor.status()
        assert status.pid is not None
        os.kill(status.pid, signal.SIGKILL)
        until(lambda: supervisor.poll()[0].reason == "the disk is full", within=5, what="the first restart")
        assert until(lambda: running_again(supervisor, "fragile"), within=5, what="the second").restarts == 2


def test_what_a_dead_program_had_started_ends_before_the_restart(home: Path) -> None:
    with Supervisor([says(program("worker", HAS_A_CHILD), home, "\n")], home) as supervisor:
        [status] = supervisor.status()
        assert status.pid is not None
        child = int((home / "log" / "worker.log").read_text("ascii"))
        os.kill(status.pid, signal.SIGKILL)
        until(lambda: waiting_again(supervisor, "worker"), within=5, what="its death to be noticed")
        until(lambda: not alive(child), within=5, what="the end of its child")


def test_a_program_that_does_not_start_stops_the_others_and_is_quoted(home: Path) -> None:
    supervisor = Supervisor([program("steady"), replace(program("broken", DIES), ready=lambda: False)], home)
    with pytest.raises(EmbeddedError, match=r"(?s)ended with exit code 1.*broken\.log.*I have no port"):
        supervisor.start()
    assert [status.state for status in supervisor.status()] == [State.STOPPED] * 2
    assert not running_in(home)


def test_a_program_that_is_never_ready_is_given_up(home: Path) -> None:
    late = replace(program("late"), ready=lambda: False, start_within=0.1)
    with pytest.raises(EmbeddedError, match=r"late was not ready within 0\.1 seconds and was ended"):
        Supervisor([late], home).start()
    assert not running_in(home)


def test_a_program_that_is_missing_is_named(home: Path) -> None:
    missing = replace(program("flower"), argv=("/no/such/flower",), ready=lambda: False)
    with pytest.raises(EmbeddedError, match=r"/no/such/flower cannot be started: No such file"):
        Supervisor([missing], home).start()


def test_a_second_supervisor_is_refused_by_the_pid_of_the_first(home: Path) -> None:
    with parent(TWO_WITH_CHILDREN, str(home)) as (process, pids):
        with pytest.raises(EmbeddedError, match=f"runs on {home} already, as process {process.pid}"):
            Supervisor([program("third")], home).start()
        assert all(map(alive, pids))


def test_when_it_is_killed_its_programs_end_and_the_next_one_starts_at_once(home: Path) -> None:
    with parent(TWO_WITH_CHILDREN, str(home)) as (process, pids):
        process.kill()
        process.wait()
        with Supervisor([program("first"), program("second")], home):
            assert not any(map(alive, pids))


def test_an_interruption_while_it_stops_ends_everything_at_once(home: Path) -> None:
    supervisor = Supervisor([program("first"), says(program("deaf", DEAF), home, "deaf")], home)
    supervisor.start()
    interruption = threading.Timer(0.1, signal.raise_signal, [signal.SIGINT])
    interruption.start()
    with pytest.raises(KeyboardInterrupt):
        supervisor.stop()
    assert not running_in(home)


@pytest.mark.parametrize(("deaths", "seconds"), [(1, 1), (2, 2), (4, 8), (6, 30), (1000, 30)])
def test_the_pause_before_a_restart_doubles_up_to_half_a_minute(deaths: int, seconds: float) -> None:
    assert delay(deaths) == seconds


def test_a_home_that_cannot_be_is_answered_in_a_sentence(home: Path) -> None:
    home.write_text("a file, not a folder", "ascii")
    with pytest.raises(EmbeddedError, match=rf"Tocsin cannot be started: .* on {home}.*Look who owns {home}"):
        Supervisor([program("first")], home).start()
