"""The settings that are URLs: one form for every spelling, and no password in any error."""

import pytest
import redis
from kombu import Connection
from sqlalchemy.engine import make_url

from settings import load, masked
from settings.urls import masked_web
from tests.settings.test_load import problems_of

CANARY = "c4n4ry"


def database(url: str) -> str:
    settings = load({"DATABASE_URL": url})
    assert settings.database_url
    return settings.database_url.get_secret_value()


def redis_form(url: str) -> str:
    settings = load({"REDIS_URL": url})
    assert settings.redis_url
    return settings.redis_url.get_secret_value()


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("postgresql://u:p@h:5433/db", ("u", "p", "h", 5433, "db")),
        ("postgres://u@h/db", ("u", None, "h", None, "db")),
        ("postgresql+psycopg://h/db", (None, None, "h", None, "db")),
        ("postgres://u:p%40%3A%2F%25%2B@h/db", ("u", "p@:/%+", "h", None, "db")),
        ("postgres://u:100%sure@h/db", ("u", "100%sure", "h", None, "db")),
        ("postgres://u:p@q@h/db", ("u", "p@q", "h", None, "db")),
        ("postgres://u%40corp:p@[::1]:5432/my%20db", ("u@corp", "p", "::1", 5432, "my db")),
    ],
)
def test_a_database_url_means_to_sqlalchemy_what_it_meant(url: str, parts: tuple[object, ...]) -> None:
    parsed = make_url(database(url))
    assert parsed.drivername == "postgresql+psycopg"
    assert (parsed.username, parsed.password, parsed.host, parsed.port, parsed.database) == parts


@pytest.mark.parametrize("url", ["postgresql:///db?host=/run/Pg", "postgresql://%2Frun%2FPg/db"])
def test_a_database_may_be_behind_a_unix_socket(url: str) -> None:
    assert make_url(database(url)).query["host"] == "/run/Pg"


def test_options_of_the_database_url_are_kept() -> None:
    assert make_url(database("postgres://h/db?sslmode=verify-full&sslrootcert=/ca.pem")).query == {
        "sslmode": "verify-full",
        "sslrootcert": "/ca.pem",
    }


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (f"sqlite:///{CANARY}", "a URL of sqlite is not one of PostgreSQL"),
        (f"postgresql+asyncpg://u:{CANARY}@h/db", "a URL of postgresql for another driver is not"),
        (CANARY, "the value is not a URL"),
        (f"postgres:{CANARY}/db", "the value is not a URL"),
        (f"postgres://h/a/{CANARY}", "the name of the database holds @ or /"),
        (f"postgres://h/{CANARY}@x", "the name of the database holds @ or /"),
        (f"postgres://u:{CANARY}@/db", "the URL names no host"),
        (f"postgres://u:{CANARY}@h:99999/db", "the port is not from 1 to 65535"),
        (f"postgres://u:{CANARY}@h:0/db", "0 is not a port"),
        (f"postgres://u:{CANARY}@h:x/db", "host and port of the URL cannot be read"),
        (f"postgres://u:{CANARY}@[h/db", "host and port of the URL cannot be read"),
        (f"postgres://u:12/{CANARY}@h/db", "the name of the database holds @ or /"),
        (f"postgres://u:12?{CANARY}@h/db", "the URL has an option after the ? that is not known"),
        (f"postgres://u:12#{CANARY}@h/db", "the URL holds a #"),
        (f"postgres://u:{CANARY} @h/db", "the URL holds a space"),
        (f"postgres://u:{CANARY}\n@h/db", "the URL holds a space, a line break"),
        (f"postgres://h/db?{CANARY}=1", "the URL has an option after the ? that is not known"),
    ],
)
def test_a_wrong_database_url_is_refused_without_telling_the_password(url: str, sentence: str) -> None:
    (found,) = problems_of({"DATABASE_URL": url})
    assert sentence in found
    assert CANARY not in found


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("redis://h", "redis://h/0"),
        ("redis://u:p%40@h:6380/2", "redis://u:p%40@h:6380/2"),
        ("redis://:p@h/", "redis://:p@h/0"),
        ("rediss://h/1", "rediss://h/1?ssl_cert_reqs=required"),
        ("rediss://h/1?ssl_cert_reqs=CERT_OPTIONAL", "rediss://h/1?ssl_cert_reqs=optional"),
        ("unix:///run/r.sock", "unix:///run/r.sock"),
        ("redis+socket:///run/r.sock?virtual_host=3", "unix:///run/r.sock?db=3"),
    ],
)
def test_a_redis_url_has_the_form_of_redis_py(url: str, form: str) -> None:
    assert redis_form(url) == form
    redis.Redis.from_url(form).close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (f"redis://:{CANARY}@/0", "the URL names no host"),
        (f"redis://:{CANARY}@h/x", "is not the number of a database"),
        (f"redis://u:12/{CANARY}@h/0", "is not the number of a database"),
        (f"unix://:{CANARY}@/", "the URL names no socket"),
        (f"unix://{CANARY}/run/r.sock", "the URL names no socket"),
        (f"unix:///r.sock?db={CANARY}", "is not the number of a database"),
        (f"rediss://:{CANARY}@h/0?ssl_cert_reqs=sure", "ssl_cert_reqs is not required, optional or none"),
        (f"redis://h/0?{CANARY}", "the URL has an option after the ? that is not known"),
    ],
)
def test_a_wrong_redis_url_is_refused_without_telling_the_password(url: str, sentence: str) -> None:
    (found,) = problems_of({"REDIS_URL": url})
    assert sentence in found
    assert CANARY not in found


def test_celery_reaches_the_same_server_as_redis_py(redis_url: str) -> None:
    settings = load({"REDIS_URL": redis_url.partition("?")[0] + "?db=3"})
    assert settings.redis_url
    assert settings.broker_url
    with Connection(settings.broker_url.get_secret_value()) as broker:
        broker.SimpleQueue("where").put("here")
    with redis.Redis.from_url(settings.redis_url.get_secret_value()) as client:
        assert client.llen("where") == 1


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://hooks.slack.com/services/c4n4ry", "the URL is not encrypted"),
        ("file:///etc/c4n4ry", "the URL is not a web address"),
        ("https:///c4n4ry", "the URL is not a web address"),
        ("https://c4n4ry@hooks.slack.com/x", "the URL holds a user name"),
        ("https://10.0.0.5/c4n4ry", "the URL leads into a private network"),
        ("https://169.254.169.254/c4n4ry", "the URL leads into a private network"),
        ("https://[fd00::1]/c4n4ry", "the URL leads into a private network"),
        ("https://hooks.slack.com/ c4n4ry", "the URL holds a space"),
    ],
)
def test_a_wrong_webhook_is_refused_without_telling_it(url: str, sentence: str) -> None:
    (found,) = problems_of({"SLACK_WEBHOOK_URL": url})
    assert sentence in found
    assert CANARY not in found


@pytest.mark.parametrize(
    "url",
    ["https://hooks.slack.com/services/T/B/X", "http://127.0.0.1:8080/hook", "http://localhost/hook"],
)
def test_a_webhook_is_taken_from_slack_or_from_this_machine(url: str) -> None:
    settings = load({"SLACK_WEBHOOK_URL": url})
    assert settings.slack_webhook_url
    assert settings.slack_webhook_url.get_secret_value() == url


def test_a_masked_url_shows_everything_but_secrets() -> None:
    url = database(f"postgres://u:{CANARY}@h:5432/db?sslmode=require&sslpassword={CANARY}")
    assert masked(url) == "postgresql+psycopg://u:****@h:5432/db?sslmode=require&sslpassword=****"
    assert masked("redis://h/0") == "redis://h/0"
    assert masked("postgresql+psycopg://u@h/db") == "postgresql+psycopg://u@h/db"
    assert masked_web(f"https://hooks.slack.com/services/{CANARY}") == "https://hooks.slack.com/****"
