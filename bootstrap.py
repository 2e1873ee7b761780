"""From a bare Python to a running Tocsin: makes .venv, installs the locked packages, runs a command.

It needs Python and its standard library alone. `make run` is `python3 bootstrap.py run`, and so on.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the one place that an older Python reaches
    sys.exit(
        f"Tocsin needs Python 3.11 or newer, and {sys.executable} is {sys.version.split()[0]}.\n"
        "Name a newer one, as in `make run PYTHON=python3.11` or `python3.11 bootstrap.py run`."
    )
if sys.platform == "win32":
    sys.exit("Tocsin runs on Linux and macOS. On Windows, run it in WSL.")

import argparse
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"  # what is installed, as a digest
UNFINISHED = VENV / "unfinished"  # there while an installation is under way
RUN_LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-dev.lock"  # and all extras
IMAGE_LOCK = ROOT / "requirements-image.lock"
TRACING_LOCK = ROOT / "requirements-image-tracing.lock"  # for an image that traces
DEBIAN_WHEELS = Path("usr/share/python-wheels")  # below /
OLDEST_PIP = (22, 3)  # the first that installs into another environment, with --python
REBUILDABLE = (".venv", "build", "dist", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")
SCHEMA_TESTS = "tests/models/test_migrations.py"
LINT = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",), ("lint-imports", "--no-cache"))
LOCKING = (
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-header", "--no-emit-index-url"),  # no host's name in a lock
)
LOCKED = {
    TEST_LOCK: "dev.in",
    RUN_LOCK: "embedded.in",
    IMAGE_LOCK: "runtime.in",
    TRACING_LOCK: "tracing.in",
}
NO_VENV = (
    "This Python cannot make an environment: its venv module is missing or incomplete. Install it, on Debian "
    "and Ubuntu with `apt-get install python3 libpython3-stdlib`, then start again."
)
PIP_FAILED = (
    "pip could not install it; what it said stands above. Where the package index is reached through a proxy "
    "or a mirror, say so to pip (PIP_INDEX_URL, PIP_CERT, HTTPS_PROXY or pip.conf), then start again."
)
NO_PIP = (
    "There is no pip here, and none could be got from Debian's packages either. Install it, on Debian and "
    "Ubuntu with `apt-get install python3-pip`, on Fedora with `dnf install python3-pip`, then start again."
)
LOOK_AT_FOLDER = (
    f"Look whether {ROOT} is complete, who owns it, and whether its disk is full, then start again."
)


class Trouble(Exception):  # noqa: N818 - it is shown to a person, who does the rest
    """What the person at the keyboard has to know, in sentences."""


# The commands


def run(arguments: list[str]) -> int:
    """Install what it takes and start everything."""
    install(RUN_LOCK, TEST_LOCK)
    os.execv(_tool("tocsin"), ["tocsin", "up", *arguments])  # noqa: S606 - a list of our own, no shell


def setup(arguments: list[str]) -> int:
    """Install what `run` takes, with --tracing also what sends traces, and start nothing."""
    if arguments == ["--tracing"]:
        install(TEST_LOCK)
        return 0
    _take_none(arguments)
    install(RUN_LOCK, TEST_LOCK)
    return 0


def test(arguments: list[str]) -> int:
    """Run the tests."""
    install(TEST_LOCK)
    return _call("pytest", "-n", "auto", "--maxprocesses", "4", *arguments)


def lint(arguments: list[str]) -> int:
    """Check style, types and imports."""
    _take_none(arguments)
    install(TEST_LOCK)
    failed = [" ".join(command) for command in LINT if _checked(command) != 0]
    if failed:
        raise Trouble(f"Not clean: {', '.join(failed)}. What is wrong stands above.")
    return 0


def check(arguments: list[str]) -> int:
    """Lint, and compare the models with the migrations."""
    return lint(arguments) or _call("pytest", "-q", SCHEMA_TESTS)


def bench(arguments: list[str]) -> int:
    """Measure what the project claims about speed."""
    install(TEST_LOCK)
    return _call("python", "-m", "benchmarks", *arguments)


def lock(arguments: list[str]) -> int:
    """Write the lock files anew; with --upgrade, with the newest versions."""
    uv = _tool("uv") if Path(_tool("uv")).exists() else shutil.which("uv")
    if uv is None:
        raise Trouble(
            "Locking needs uv. Install it with `.venv/bin/python -m pip install uv`, then start again."
        )
    for target, source in LOCKED.items():
        same = [] if target == TEST_LOCK else ["--constraint", TEST_LOCK.name]
        command = [uv, *LOCKING, *same, *arguments, "--output-file", target.name, f"requirements/{source}"]
        with _step(f"Writing {target.name}"):
            _must(command, f"{target.name} could not be written; what uv said stands above.")
    return 0


def clean(arguments: list[str]) -> int:
    """Remove what can be made again; the history under TOCSIN_HOME stays."""
    _take_none(arguments)
    folders = [ROOT / name for name in REBUILDABLE]
    caches = (path for path in ROOT.rglob("__pycache__") if VENV not in path.parents)
    for folder in [*folders, *caches]:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


# Installing


def install(lock_file: Path, *or_more: Path) -> None:
    """Bring .venv to what `lock_file` says, unless it has that, or what one of `or_more` says, already."""
    with _alone():
        digests = {_digest(file) for file in (lock_file, *or_more)}
        if not UNFINISHED.exists() and STAMP.exists() and STAMP.read_text("ascii") in digests and _works():
            return
        _make_environment()
        UNFINISHED.touch()
        STAMP.unlink(missing_ok=True)
        pip = _pip()
        with _step(f"Installing {_count(lock_file)} packages from {lock_file.name}"):
            locked = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(lock_file)]
            _must([*pip, "install", *_loudness(), *locked], PIP_FAILED)
        with _step("Installing Tocsin itself"):
            itself = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
            _must([*pip, "install", *_loudness(), *itself], PIP_FAILED)
            # As pip does with the rest: what is compiled at the first start leaves holes in its memory.
            _succeeds([str(PYTHON), "-m", "compileall", "-q", "-x", r"/(\.venv|build|tests)/", str(ROOT)])
        STAMP.write_text(_digest(lock_file), "ascii")
        UNFINISHED.unlink()


def _digest(lock_file: Path) -> str:
    """What an environment depends on: the lock, the project's metadata, the Python, and where it is."""
    parts = [
        lock_file.read_bytes(),
        (ROOT / "pyproject.toml").read_bytes(),
        str(VENV).encode(),
        repr(sys.version_info[:2]).encode(),
    ]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _count(lock_file: Path) -> int:
    return sum("==" in line for line in lock_file.read_text("utf-8").splitlines() if not line.startswith(" "))


def _works() -> bool:
    """Whether .venv has a Python that starts and is the version that we are."""
    ask = [str(PYTHON), "-I", "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        answer = subprocess.run(ask, capture_output=True, text=True, check=False).stdout
    except OSError:
        return False
    return answer.split() == [str(part) for part in sys.version_info[:2]]


def _make_environment() -> None:
    """Make .venv, again from nothing where an installation was interrupted or its Python is gone."""
    if _works() and not UNFINISHED.exists():
        return
    with _step(f"Making {VENV.name} with Python {sys.version.split()[0]}"):
        if VENV.exists():
            shutil.rmtree(VENV)
        _must([_base_python(), "-m", "venv", "--without-pip", str(VENV)], NO_VENV)


def _base_python() -> str:
    """The Python that we run on, seen through an activated environment, which we may be about to replace."""
    return str(getattr(sys, "_base_executable", sys.executable))


# Getting pip


def _pip() -> list[str]:
    """A command that is a pip which installs into .venv, from the nearest place that has one."""
    own = [str(PYTHON), "-m", "pip"]
    if _pip_version(own):
        return own
    shared = [_base_python(), "-m", "pip"]
    if _pip_version(shared) >= OLDEST_PIP:
        return [*shared, "--python", str(PYTHON)]
    if _succeeds([str(PYTHON), "-m", "ensurepip", "--default-pip"]):
        return own
    with _step("Getting pip, which this Python lacks"), tempfile.TemporaryDirectory() as folder:
        wheel = _pip_wheel(Path("/")) or _pip_wheel(_from_debian(Path(folder)))
        if wheel is None or not _succeeds([str(PYTHON), f"{wheel}/pip", "install", "--no-index", str(wheel)]):
            raise Trouble(NO_PIP)
    return own


def _pip_version(pip: list[str]) -> tuple[int, ...]:
    """Its version, () when it does not start; it answers as `pip 23.0.1 from …`."""
    answer = subprocess.run(
        [*pip, "--version"], capture_output=True, text=True, check=False, env=_environment()
    )
    words = answer.stdout.split()
    return (
        tuple(int(part) for part in words[1].split(".")[:2])
        if answer.returncode == 0 and len(words) > 1
        else ()
    )


def _pip_wheel(root: Path) -> Path | None:
    """The wheel of pip that Debian keeps below `root` for its own venv module."""
    return next((root / DEBIAN_WHEELS).glob("pip-*.whl"), None)


def _from_debian(folder: Path) -> Path:
    """Unpack Debian's package of pip's wheel below `folder`, without being root and without installing it."""
    lists, unpacked = folder / "lists" / "partial", folder / "unpacked"
    for place in (lists, folder / "archives" / "partial", unpacked):
        place.mkdir(parents=True)
    private = ["-qq", "-o", f"Dir::State::lists={lists.parent}", "-o", f"Dir::Cache={folder}"]
    apt = ["apt-get", *private, "-o", "APT::Sandbox::User=root"]
    if _succeeds([*apt, "update"]) and _succeeds([*apt, "download", "python3-pip-whl"], folder):
        for package in folder.glob("*.deb"):
            _succeeds(["dpkg-deb", "-x", str(package), str(unpacked)])
    return unpacked


# Running things


def _tool(name: str) -> str:
    return str(VENV / "bin" / name)


def _call(name: str, *arguments: str) -> int:
    """Run a tool of .venv with the terminal as ours, and give back its exit code."""
    return subprocess.run([_tool(name), *arguments], cwd=ROOT, check=False).returncode


def _checked(command: tuple[str, ...]) -> int:
    with _step(" ".join(command)):
        return _call(*command)


def _must(command: list[str], trouble: str) -> None:
    if subprocess.run(command, cwd=ROOT, check=False, env=_environment()).returncode != 0:
        raise Trouble(trouble)


def _succeeds(command: list[str], folder: Path = ROOT) -> bool:
    """Run a command that may be missing or fail, without showing what it says."""
    try:
        return (
            subprocess.run(
                command, cwd=folder, capture_output=True, check=False, env=_environment()
            ).returncode
            == 0
        )
    except OSError:
        return False


def _environment() -> dict[str, str]:
    """Ours, with what the person says about index and certificates, without what would install elsewhere."""
    elsewhere = {"PYTHONHOME", "PYTHONPATH", "PIP_PREFIX", "PIP_TARGET", "PIP_REQUIRE_VIRTUALENV"}
    kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
    return {**kept, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def _loudness() -> list[str]:
    """Pip's own progress is for a terminal; elsewhere our lines say enough."""
    return [] if sys.stdout.isatty() else ["-qq"]


def _take_none(arguments: list[str]) -> None:
    if arguments:
        raise Trouble(f"This command takes no arguments, and got: {' '.join(arguments)}.")


@contextlib.contextmanager
def _step(what: str) -> Iterator[None]:
    """Say what begins, and how long it took."""
    print(f"{what} ...", flush=True)
    begin = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - begin:.1f} s", flush=True)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other bootstrap works on this folder; the lock ends with the process."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another installation into this folder is under way; waiting for it ...", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


COMMANDS = {command.__name__: command for command in (run, setup, test, lint, check, bench, lock, clean)}


def main(words: list[str]) -> int:
    """Run the command that `words` name and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="bootstrap.py",
        description="Installs Tocsin into .venv and runs it.",
        epilog="\n".join(f"{name:8}{command.__doc__}" for name, command in COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="one of those below")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to what the command runs")
    given = parser.parse_args(words)
    try:
        return COMMANDS[given.command](given.arguments)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"{error.filename or ROOT}: {error.strerror}. {LOOK_AT_FOLDER}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
