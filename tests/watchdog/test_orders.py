"""What the watchdog learns of the settings, from the program that reads them."""

import pytest

from settings import SettingsError, load
from watchdog.children import orders
from watchdog.ordering import ordered
from watchdog.orders import Orders

CANARY = "c4n4ry"
ENVIRON = {
    "DATABASE_URL": f"postgresql://tocsin:{CANARY}@db/tocsin",
    "REDIS_URL": f"redis://:{CANARY}@cache/0",
    "WATCHDOG_PING_URL": f"https://ping.example.com/{CANARY}",
    "TOCSIN_HOME": "/var/lib/tocsin",
    "LOG_FORMAT": "json",
}


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("settled")
def test_they_say_what_the_environment_says() -> None:
    given = orders()
    assert (given.home, given.log_format, given.log_level) == ("/var/lib/tocsin", "json", "info")
    assert given.database_url.endswith(f"//tocsin:{CANARY}@db/tocsin")
    assert (given.redis_url, given.ping_url) == (ENVIRON["REDIS_URL"], ENVIRON["WATCHDOG_PING_URL"])
    assert not given.buttons_awaited
    assert ENVIRON["WATCHDOG_PING_URL"] in given.secrets


@pytest.mark.usefixtures("settled")
def test_settings_that_are_wrong_end_the_watchdog_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(SystemExit) as ended:
        orders()
    assert ended.value.code == 1
    said = capfd.readouterr().err
    assert said.startswith("tocsin: LOG_LEVEL: ")
    assert "Traceback" not in said


def test_without_a_database_there_is_nothing_to_watch() -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL: it is not set, and the watchdog reads it"):
        ordered(load({"REDIS_URL": ENVIRON["REDIS_URL"]}), [])


def test_no_secret_is_seen_in_them() -> None:
    given = ordered(load(ENVIRON), [CANARY])
    assert CANARY not in repr(given)
    assert Orders.loaded(given.dumped()) == given
