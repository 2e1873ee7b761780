"""deploy/make-secrets: what it makes, what it leaves alone, and who may read it."""

import stat
import subprocess
from pathlib import Path

import pytest

import settings
from tests.deploy import stack
from tests.deploy.conftest import COMPOSE_FILE, ROOT


def make_secrets(
    folder: Path, *arguments: str, typed: str = "", code: int = 0
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [ROOT / "deploy/make-secrets", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "TOCSIN_SECRETS": str(folder)},
    )
    assert done.returncode == code, done.stderr
    return done


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with everything made in it."""
    made = tmp_path / "secrets"
    make_secrets(made)
    return made


def test_it_makes_every_file_that_the_stack_cannot_do_without(folder: Path) -> None:
    declared = stack.parse(COMPOSE_FILE.read_text("utf-8"), {}).written["secrets"].values()
    wanted = {Path(secret["file"]).name for secret in declared} - {"not-set"}
    assert wanted <= contents(folder).keys()


def test_no_two_passwords_are_alike(folder: Path, tmp_path: Path) -> None:
    make_secrets(tmp_path / "others")
    passwords = [
        text
        for made in (folder, tmp_path / "others")
        for name, text in contents(made).items()
        if name.endswith("_password")
    ]
    assert len(passwords) == len(set(passwords)) == 14
    assert {len(password) for password in passwords} == {48}


def test_what_exists_is_kept(folder: Path) -> None:
    before = contents(folder)
    assert make_secrets(folder).stdout == ""
    assert contents(folder) == before


def test_what_is_missing_is_made_to_fit_what_is_there(folder: Path) -> None:
    before = contents(folder)
    for name in ("database_url", "redis_users"):
        (folder / name).unlink()
    make_secrets(folder)
    assert contents(folder) == before


def test_containers_may_read_the_files_and_no_other_user_here_may_reach_them(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}


def test_it_shows_no_secret(tmp_path: Path) -> None:
    done = make_secrets(tmp_path / "secrets")
    shown = done.stdout + done.stderr
    assert not [name for name, text in contents(tmp_path / "secrets").items() if text in shown]


@pytest.mark.parametrize("name", ["database_url", "redis_url", "redis_collector_url", "flower_password"])
def test_the_application_takes_what_is_made(folder: Path, name: str) -> None:
    variable = {"redis_collector_url": "REDIS_URL"}.get(name, name.upper())
    loaded = settings.load({f"{variable}_FILE": str(folder / name), "HOST_NAME": "web-1"})
    assert getattr(loaded, variable.lower()) is not None


@pytest.mark.parametrize("typed", ["https://hooks.slack.com/services/T0/B0/x", "a line\n", "spaces in it\n"])
def test_a_secret_of_ones_own_is_kept_to_the_letter(tmp_path: Path, typed: str) -> None:
    make_secrets(tmp_path, "slack_webhook_url", typed=typed)
    assert contents(tmp_path) == {"slack_webhook_url": typed.removesuffix("\n")}
    make_secrets(tmp_path, "slack_webhook_url", typed="another\n")
    assert contents(tmp_path) == {"slack_webhook_url": "another"}


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        pytest.param(["slack_webhook_url"], "", id="nothing typed"),
        pytest.param(["slack_webhook_url"], "\n", id="an empty line"),
        pytest.param(["../up"], "x", id="a path"),
        pytest.param(["--help"], "x", id="an option"),
        pytest.param(["a", "b"], "", id="two names"),
    ],
)
def test_a_mistake_is_named_and_leaves_nothing(tmp_path: Path, arguments: list[str], typed: str) -> None:
    done = make_secrets(tmp_path / "secrets", *arguments, typed=typed, code=1)
    assert done.stderr.startswith("make-secrets: ")
    assert contents(tmp_path / "secrets") == {}
