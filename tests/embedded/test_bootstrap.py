"""The bootstrap: what it decides, and how it speaks, without installing anything."""

import ast
import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
LOCK = """\
one==1.0 \\
    --hash=sha256:00
    # via two==2.0
two==2.0 ; sys_platform == 'linux' \\
    --hash=sha256:00
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the bootstrap and two lock files of two packages."""
    shutil.copy(ROOT / "bootstrap.py", tmp_path)
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).write_text(LOCK, "utf-8")
    return tmp_path


@pytest.fixture
def bootstrap(checkout: Path) -> ModuleType:
    """The bootstrap of that folder as a module, working on that folder."""
    spec = importlib.util.spec_from_file_location("bootstrap_of_a_checkout", checkout / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(checkout / "bootstrap.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_an_old_python_can_read_it_as_far_as_to_say_that_it_is_too_old() -> None:
    ast.parse((ROOT / "bootstrap.py").read_text("utf-8"), feature_version=(3, 7))


def test_make_knows_every_command_and_nothing_else(bootstrap: ModuleType) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    [targets] = re.findall(r"^(\w[\w ]+):\n\t@\$\(PYTHON\) bootstrap\.py \$@", makefile, re.MULTILINE)
    assert targets.split() == list(bootstrap.COMMANDS)


def test_the_tests_of_make_check_are_there(bootstrap: ModuleType) -> None:
    assert (ROOT / bootstrap.SCHEMA_TESTS).is_file()


def test_its_help_names_every_command(checkout: Path, bootstrap: ModuleType) -> None:
    said = run(checkout, "--help").stdout
    assert [name for name in bootstrap.COMMANDS if f"\n{name} " not in said] == []


def test_an_unknown_command_is_a_usage_error(checkout: Path) -> None:
    answer = run(checkout, "jump")
    assert answer.returncode == 2
    assert "invalid choice: 'jump'" in answer.stderr


def test_arguments_that_nobody_reads_are_refused(checkout: Path) -> None:
    answer = run(checkout, "setup", "--fast")
    assert (answer.returncode, answer.stderr) == (1, "This command takes no arguments, and got: --fast.\n")


def test_an_incomplete_checkout_is_answered_in_a_sentence(checkout: Path) -> None:
    (checkout / "requirements.lock").unlink()
    answer = run(checkout, "setup")
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"{checkout}/requirements.lock: No such file or directory. Look whether")


def test_it_counts_the_packages_of_a_lock(bootstrap: ModuleType, checkout: Path) -> None:
    assert bootstrap._count(checkout / "requirements.lock") == 2


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_an_installation_is_stale_when_lock_or_metadata_change(
    bootstrap: ModuleType, checkout: Path, changed: str
) -> None:
    before = bootstrap._digest(checkout / "requirements.lock")
    assert bootstrap._digest(checkout / "requirements.lock") == before
    (checkout / changed).write_text(LOCK + "\n", "utf-8")
    assert bootstrap._digest(checkout / "requirements.lock") != before


def test_what_is_installed_is_not_installed_again(
    bootstrap: ModuleType, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bootstrap._make_environment()
    bootstrap.STAMP.write_text(bootstrap._digest(checkout / "requirements-dev.lock"), "ascii")
    capsys.readouterr()
    assert bootstrap.main(["setup"]) == 0
    assert capsys.readouterr().out == ""


def test_an_interrupted_installation_is_begun_anew(bootstrap: ModuleType) -> None:
    bootstrap._make_environment()
    bootstrap.UNFINISHED.touch()
    half_installed = bootstrap.VENV / "half"
    half_installed.touch()
    bootstrap._make_environment()
    assert bootstrap._works()
    assert not half_installed.exists()


def test_an_environment_whose_python_is_gone_is_made_anew(bootstrap: ModuleType) -> None:
    bootstrap._make_environment()
    bootstrap.PYTHON.unlink()
    assert not bootstrap._works()
    bootstrap._make_environment()
    assert bootstrap._works()


def test_a_complete_environment_is_left_alone(bootstrap: ModuleType) -> None:
    bootstrap._make_environment()
    mine = bootstrap.VENV / "mine"
    mine.touch()
    bootstrap._make_environment()
    assert mine.exists()


def test_pip_is_not_led_astray_by_the_environment(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_TARGET", "PIP_PREFIX", "PYTHONPATH", "PIP_REQUIRE_VIRTUALENV"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_CERT", "/etc/certificate.pem")
    environment = bootstrap._environment()
    assert "/elsewhere" not in environment.values()
    assert (environment["PIP_USER"], environment["PIP_CERT"]) == ("0", "/etc/certificate.pem")


def test_a_pip_too_old_to_install_elsewhere_is_recognised(bootstrap: ModuleType, tmp_path: Path) -> None:
    old = tmp_path / "pip"
    old.write_text("#!/bin/sh\necho pip 20.3.4 from /usr/lib/python3\n", "ascii")
    old.chmod(0o755)
    assert bootstrap._pip_version([str(old)]) == (20, 3) < bootstrap.OLDEST_PIP


def test_a_python_without_pip_has_no_version_of_it(bootstrap: ModuleType) -> None:
    bootstrap._make_environment()
    assert bootstrap._pip_version([str(bootstrap.PYTHON), "-m", "pip"]) == ()


def test_debians_wheel_of_pip_is_found_where_debian_keeps_it(bootstrap: ModuleType, tmp_path: Path) -> None:
    assert bootstrap._pip_wheel(tmp_path) is None
    wheel = tmp_path / "usr" / "share" / "python-wheels" / "pip-23.0.1-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    wheel.touch()
    assert bootstrap._pip_wheel(tmp_path) == wheel


def test_a_second_installation_waits_for_the_first(checkout: Path) -> None:
    first = os.open(checkout, os.O_RDONLY)
    fcntl.flock(first, fcntl.LOCK_EX)
    command = [sys.executable, str(checkout / "bootstrap.py"), "setup"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as second:
        assert second.stdout is not None
        assert (
            second.stdout.readline()
            == "Another installation into this folder is under way; waiting for it ...\n"
        )
        assert second.poll() is None
        second.kill()
    os.close(first)
