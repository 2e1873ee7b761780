"""Whether Docker accepts the files, as far as that can be said without a daemon."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.deploy import stack
from tests.deploy.conftest import COMPOSE_FILE, ROOT, Compose
from tests.deploy.stack import Stack

DOCKERFILE = ROOT / "Dockerfile"
OVERRIDES = sorted((ROOT / "deploy").glob("*.yml"))
TOOLS = Path(sys.executable).parent


def check(tool: str, *words: str | Path) -> None:
    """Run a checker of this environment; what it complains of is the test's failure."""
    done = subprocess.run([TOOLS / tool, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", [COMPOSE_FILE, *OVERRIDES], ids=lambda file: file.name)
def test_it_follows_the_specification_of_compose(file: Path) -> None:
    check("check-jsonschema", "--builtin-schema", "vendor.compose-spec", file)


def test_compose_takes_it_without_a_warning(compose: Compose) -> None:
    config = compose.config(COMPOSE_FILE)
    assert (config.returncode, config.stderr) == (0, "")


def test_compose_reads_it_as_the_other_tests_do(compose: Compose, deployed: Stack) -> None:
    resolved = Stack(json.loads(compose.config(COMPOSE_FILE).stdout))
    theirs = {service.name: service.facts for service in resolved.services}
    assert {service.name: service.facts for service in deployed.services} == theirs


@pytest.mark.parametrize("file", OVERRIDES, ids=lambda file: file.name)
def test_compose_takes_it_over_the_first(compose: Compose, file: Path) -> None:
    environ = {"HOST_NAME": "web-1", "REDIS_ADDRESS": "10.0.0.5", "SLACK_APP_TOKEN_FILE": "deploy/not-set"}
    config = compose.config(COMPOSE_FILE, file, environ=environ)
    assert (config.returncode, config.stderr) == (0, "")


def test_who_hears_the_buttons_is_as_hardened_as_a_worker_and_runs_once(compose: Compose) -> None:
    environ = {"SLACK_APP_TOKEN_FILE": "deploy/secrets/slack_app_token"}
    config = compose.config(COMPOSE_FILE, ROOT / "deploy/buttons.yml", environ=environ)
    merged = Stack(json.loads(config.stdout))
    buttons, worker = merged["buttons"], merged["worker"]
    for name in ("user", "read_only", "cap_drop", "security_opt", "restart", "logging", "tmpfs"):
        assert buttons.written[name] == worker.written[name], name
    assert buttons.health == worker.health
    assert buttons.written["deploy"]["replicas"] == 1
    for service in (buttons, worker):
        assert service.environment["SLACK_APP_TOKEN_FILE"] in service.secrets


def test_it_does_not_speak_the_language_of_a_newer_docker() -> None:
    """Docker before 25 refuses a health check that has one."""
    assert "start_interval" not in COMPOSE_FILE.read_text("utf-8")


def test_the_dockerfile_has_no_bad_habits() -> None:
    check("hadolint", DOCKERFILE)


def test_every_stage_starts_from_the_image_that_was_asked_for() -> None:
    """A digest or a registry of one's own goes into the argument, and nothing is fetched besides."""
    text = DOCKERFILE.read_text("utf-8")
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["${PYTHON_IMAGE}"] * 2
    assert "syntax=" not in text


def test_only_packages_that_are_known_by_their_hashes_get_into_the_image() -> None:
    installs = re.findall(r"pip install (.*?)(?:\\\n|\n)", DOCKERFILE.read_text("utf-8"))
    assert len(installs) == 2
    for install in installs:
        assert "--require-hashes" in install or "--no-deps" in install, install
        assert "--only-binary :all:" in install or "--no-index" in install, install


def test_the_image_ends_with_a_user_that_is_not_root() -> None:
    users = re.findall(r"^USER (\S+)$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    assert users[-1] == "10001:10001"


def test_nothing_gets_into_a_build_that_is_not_named() -> None:
    """Secrets, tests and the history of the repository stay outside."""
    lines = [
        line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] not in ("", "#")
    ]
    assert lines[0] == "*"
    wanted = {line[1:] for line in lines if line.startswith("!")}
    assert wanted & {"deploy", "tests", ".git", ".env"} == set()
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert set(wheel["wheel"]["only-include"]) <= wanted


def test_git_does_not_know_the_secrets() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is not a clone")
    places = ["deploy/secrets/redis_url", "deploy/tocsin.env", ".env"]
    ignored = subprocess.run(
        [git, "check-ignore", *places], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ignored.stdout.split() == places


def test_a_reader_of_the_file_without_compose_fills_in_variables() -> None:
    text = "services: {one: {a: '${A:-none}', b: '${B:+yes}', c: '$$HOME', d: ['${A:-x}:1']}}"
    nothing, both = stack.parse(text, {})["one"], stack.parse(text, {"A": "1", "B": "2"})["one"]
    assert nothing.written == {"a": "none", "b": "", "c": "$HOME", "d": ["x:1"]}
    assert both.written == {"a": "1", "b": "yes", "c": "$HOME", "d": ["1:1"]}
