"""How the programs are started: queues, names, and an environment that says where everything is."""

from pathlib import Path

import pytest

from beat_schedule import QUEUES
from cli.startup import programs
from cli.startup.programs import Access
from settings import Settings, load

ACCESS = Access("127.0.0.1", 5555, "ops", "s3cret", "FLOWER_PASSWORD")


def settings(**more: str) -> Settings:
    return load({"HOST_NAME": "web-1", "TOCSIN_HOME": "/srv/tocsin"} | more)


def after(argv: tuple[str, ...], option: str) -> str:
    return argv[argv.index(option) + 1]


def test_every_queue_of_the_schedule_has_a_worker() -> None:
    worked_on = {"collect", "chores", *programs.QUEUES}
    assert set(QUEUES.values()) == worked_on
    assert after(programs.collector(settings()), "--queues") == "collect"


def test_on_one_host_one_process_works_on_every_queue_and_says_when() -> None:
    argv = programs.together(settings())
    assert set(after(argv, "--queues").split(",")) == set(QUEUES.values())
    assert "--with-beat" in argv
    assert "--with-beat" not in programs.worker(settings())


def test_each_task_that_may_take_long_leaves_a_thread_to_every_other() -> None:
    assert int(after(programs.together(settings()), "--concurrency")) > 2 * len(QUEUES)


def test_a_collector_is_one_process_with_the_name_of_its_host() -> None:
    argv = programs.collector(settings(HOST_NAME="50%h"))
    assert after(argv, "--pool") == "solo"
    assert after(argv, "--hostname") == "collector@50%%h"


def test_the_log_level_is_passed_on() -> None:
    chosen = settings(LOG_LEVEL="debug")
    for argv in (programs.collector(chosen), programs.worker(chosen), programs.beat(chosen)):
        assert after(argv, "--loglevel") == "debug"


def test_addresses_of_embedded_servers_go_through_the_environment() -> None:
    found = settings(DATABASE_URL="postgresql://u:p@db/x", REDIS_URL="redis://r/0")
    env = programs.environment({"PATH": "/bin", "LOG_FORMAT": "json"}, found)
    assert env["DATABASE_URL"] == "postgresql+psycopg://u:p@db/x"
    assert env["REDIS_URL"] == "redis://r/0"
    assert env["TOCSIN_HOME"] == "/srv/tocsin"
    assert (env["PATH"], env["LOG_FORMAT"]) == ("/bin", "json")


def test_a_secret_in_a_file_stays_there_and_its_relative_path_is_made_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("url").write_text("postgresql://u:p@db/x", "utf-8")
    given = {"DATABASE_URL_FILE": "./url", "HOST_NAME": "web-1"}
    env = programs.environment(given, load(given))
    assert env["DATABASE_URL_FILE"] == str(tmp_path / "url")
    assert "DATABASE_URL" not in env


@pytest.mark.parametrize("name", ["FLOWER_UNAUTHENTICATED_API", "C_FORCE_ROOT"])
def test_what_would_open_a_door_is_not_passed_on(name: str) -> None:
    assert name not in programs.environment({name: "true"}, settings())


def test_the_password_of_flower_is_in_no_command_line() -> None:
    assert not any("s3cret" in word for word in programs.flower(ACCESS))
    assert programs.flower_environment({}, ACCESS)["FLOWER_BASIC_AUTH"] == "ops:s3cret"


@pytest.mark.parametrize(
    ("address", "url"), [("127.0.0.1", "http://127.0.0.1:5555"), ("::1", "http://[::1]:5555")]
)
def test_the_address_of_flower_can_be_clicked(address: str, url: str) -> None:
    assert Access(address, 5555, "ops", "x", "x").url == url


def test_a_program_runs_in_a_folder_that_holds_no_worker_of_somebody_else() -> None:
    program = programs.program("beat", programs.beat(settings()), {})
    assert program.cwd == Path("/")
    assert "-P" in program.argv
