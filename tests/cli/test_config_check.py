"""`tocsin config check`: everything that is wrong, at once, with nothing started."""

import json
import subprocess
import sys
from pathlib import Path

from tests.cli.config_running import ROOT, tocsin

SLIP = {"SMTP_USER": "x"}


def test_a_right_environment_ends_with_0() -> None:
    done = tocsin("config", "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "The settings are right.\n", "")


def test_environment_and_file_are_told_together(tmp_path: Path) -> None:
    file = tmp_path / "tocsin.toml"
    file.write_text('[[rules]]\nname = "cpu-high"\nwarnign = 5\n')
    done = tocsin("config", "check", environ={"HEALTH_CPU_WARNING": "ninety", "TOCSIN_RULES": str(file)})
    assert done.returncode == 2
    assert done.stdout == ""
    setting, key = done.stderr.splitlines()
    assert setting.startswith("tocsin: HEALTH_CPU_WARNING: 'ninety' is not a number from 0 to 100;")
    assert key.startswith(
        "tocsin: tocsin.toml, line 3, [[rules]] cpu-high, warnign: there is no such key here;"
    )


def test_a_file_can_be_checked_before_it_is_used() -> None:
    done = tocsin("config", "check", "--file", "tocsin.example.toml")
    assert done.returncode == 0
    assert done.stdout == "The settings are right, and so is tocsin.example.toml.\n"


def test_warnings_end_with_0_and_with_1_where_they_count() -> None:
    done = tocsin("config", "check", environ=SLIP)
    assert done.returncode == 0
    assert done.stderr.startswith("warning: SMTP_USER is not a setting of Tocsin")
    assert tocsin("config", "check", "--strict", environ=SLIP).returncode == 1
    assert tocsin("config", "check", "--strict").returncode == 0


def test_less_safety_than_usual_is_a_warning() -> None:
    done = tocsin("config", "check", environ={"ALLOW_INSECURE": "1"})
    assert done.returncode == 0
    assert done.stderr.startswith("warning: ALLOW_INSECURE: it is set, so mail may travel unencrypted")
    assert tocsin("config", "check", environ={"ALLOW_INSECURE": "0"}).stderr == ""


def test_programs_get_the_same_as_json() -> None:
    done = tocsin("config", "check", "--json", environ=SLIP | {"SMTP_PORT": "0"})
    assert done.returncode == 2
    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "ok": False,
        "problems": [
            {
                "name": "SMTP_PORT",
                "fault": "'0' is not a whole number from 1 to 65535",
                "remedy": "set it to a port such as 587",
            }
        ],
        "warnings": [
            "SMTP_USER is not a setting of Tocsin and has no effect here; one like it is SMTP_USERNAME"
        ],
    }


def test_nothing_is_started_or_left_behind(tmp_path: Path) -> None:
    assert tocsin("config", "check", environ={"TOCSIN_HOME": str(tmp_path / "home")}).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_nothing_slow_is_imported_to_check_a_setting() -> None:
    code = (
        "import sys; from cli.main import run; assert run(['config', 'check']) == 0;"
        "print({'sqlalchemy', 'celery', 'redis', 'psycopg'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={}, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "set()"
