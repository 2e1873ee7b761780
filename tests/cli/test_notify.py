"""`tocsin notify`: every step on the way to a destination, and nothing but a message left behind."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, text

from tests.cli.conftest import HOST, Run
from tests.cli.ringing import post, ring, rules
from tests.standins.behaviour import answer
from tests.standins.certificates import certificate
from tests.standins.http import HttpStandIn
from tests.standins.mailbox import PASSWORD, USER, Mailbox, Step
from tests.standins.slack import TOKEN, SlackStandIn

CRITICAL = 99.0


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as slack:
        yield slack


@pytest.fixture
def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server that this machine trusts, and the settings that lead to it."""
    with Mailbox() as mailbox:
        trusted = tmp_path / "trusted.pem"
        trusted.write_bytes(mailbox.certificate.certificate)
        for name, value in {
            "SSL_CERT_FILE": str(trusted),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(mailbox.port),
            "SMTP_USERNAME": USER,
            "SMTP_PASSWORD": PASSWORD,
            "EMAIL_FROM": "tocsin@alerts.example",
            "EMAIL_TO": "ada@example.com,ben@example.com",
        }.items():
            monkeypatch.setenv(name, value)
        yield mailbox


@pytest.fixture
def bot(slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch) -> SlackStandIn:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("SLACK_CHANNEL", "#ops")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("SLACK_API_URL", slack.api_url)
    return slack


def steps(tried: Any) -> dict[str, bool]:
    return {step["name"]: step["ok"] for step in tried["steps"]}


def test_a_webhook_of_slack_is_tried_step_by_step(
    run: Run, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK_URL", slack.webhook_url)
    done = run("notify", "test", "--to", "slack", "--by", "ada")
    assert done.code == 0
    lines = [line.split() for line in done.out.splitlines()]
    assert [line[:2] for line in lines[1:4]] == [["name", "ok"], ["connection", "ok"], ["message", "ok"]]
    assert lines[3][-2:] == ["200", "ok"]
    assert done.out.endswith("\naccepted\n")
    [arrived] = slack.posts
    assert arrived.message["text"].startswith("TEST WARNING web-1 cpu 75 % (limit 70 %)")
    assert arrived.message["blocks"][0]["text"]["text"] == "TEST"
    assert "This is a test of the destination slack by ada: nothing is wrong." in str(arrived.message)


def test_a_bot_says_who_slack_takes_it_for_and_what_the_message_is_called(
    run: Run, bot: SlackStandIn
) -> None:
    [tried] = run("notify", "test", "--to", "slack", "--json").json
    assert tried["ok"]
    assert tried["provider_id"] == bot.posts[0].ts
    [login] = [step for step in tried["steps"] if step["name"] == "login"]
    assert login["said"] == "tocsin in Stand-in Inc"
    assert all(step["ms"] > 0 for step in tried["steps"])


def test_a_wrong_token_stops_at_the_login_and_is_not_shown(
    run: Run, bot: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-wrong")
    done = run("notify", "test", "--to", "slack")
    assert done.code == 1
    assert "  login       FAILED" in done.out
    assert "invalid_auth" in done.out
    assert "  check the user name, password or token, and what it may do\nnot accepted\n" in done.out
    assert "xoxb-wrong" not in done.out + done.err
    assert bot.posts == []


def test_mail_is_tried_for_each_recipient(run: Run, mailbox: Mailbox) -> None:
    tried = run("notify", "test", "--to", "email", "--json").json
    assert [one["recipient"] for one in tried] == ["ada@example.com", "ben@example.com"]
    everything = ["name", "connection", "encryption", "login", "envelope", "message"]
    assert [list(steps(one)) for one in tried] == [everything, everything]
    said = {step["name"]: step["said"] for step in tried[0]["steps"]}
    assert said["encryption"] == "TLSv1.3"
    assert said["login"] == f"as {USER}"
    assert said["message"] == f"250 2.0.0 taken, {mailbox.mails[0].message['Message-ID']}"
    assert mailbox.mails[0].message["Message-ID"] != mailbox.mails[1].message["Message-ID"]
    assert str(mailbox.mails[0].message["Subject"]) == "TEST web-1 cpu [incident 0]"
    assert "This is a test of the destination email" in mailbox.mails[0].part("html")


@pytest.mark.parametrize(
    ("step", "reply", "failed"),
    [
        (Step.GREETING, "554 go away", "connection"),
        (Step.STARTTLS, "454 not now", "encryption"),
        (Step.AUTH, "535 5.7.8 no", "login"),
        (Step.RCPT, "550 5.1.1 nobody of that name", "envelope"),
        (Step.TAKEN, "552 too large", "message"),
    ],
)
def test_a_mail_server_that_refuses_is_quoted_at_the_step_where_it_did(
    run: Run, mailbox: Mailbox, step: Step, reply: str, failed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMAIL_TO", "ada@example.com")
    mailbox.script[step] += [reply] * 3  # one for each way to log in
    done = run("notify", "test", "--to", "email", "--json")
    [tried] = done.json
    assert done.code == 1
    assert [name for name, ok in steps(tried).items() if not ok] == [failed]
    last = tried["steps"][-1]
    assert (last["name"], reply[:3] in last["said"], bool(last["remedy"])) == (failed, True, True)
    assert mailbox.mails == []


def test_a_certificate_that_proves_nothing_stops_at_the_encryption(
    run: Run, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("EMAIL_TO", "ada@example.com")
    [tried] = run("notify", "test", "--to", "email", "--json").json
    assert steps(tried) == {"name": True, "connection": True, "encryption": False}
    assert mailbox.mails == []


@pytest.mark.parametrize("trusted", [True, False])
def test_an_encrypted_webhook_shows_its_certificate(tmp_path: Path, *, trusted: bool) -> None:
    """In a process of its own, as aiohttp reads once whom to trust."""
    own = certificate()
    (tmp_path / "own.pem").write_bytes(own.certificate)
    (tmp_path / "tocsin.toml").write_text('[destinations.hook]\ntype = "webhook"\nurl_file = "./url"\n')
    environ = {"TOCSIN_HOME": str(tmp_path), "TOCSIN_RULES": str(tmp_path / "tocsin.toml"), "HOST_NAME": HOST}
    with HttpStandIn(tls=own.server()) as server:
        (tmp_path / "url").write_text(server.url("/hook"))
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", "notify", "test", "--to", "hook", "--json"],
            env=environ | ({"SSL_CERT_FILE": str(tmp_path / "own.pem")} if trusted else {}),
            cwd="/",
            capture_output=True,
            check=False,
        )
    [tried] = json.loads(done.stdout)
    said = {step["name"]: step["said"] for step in tried["steps"]}
    if trusted:
        assert tried["ok"]
        assert said["encryption"].startswith("TLSv1.3, certificate until ")
        assert server.requests[0].json["summary"].startswith("TEST WARNING web-1")
    else:
        assert "its certificate is not to be trusted (self-signed certificate)" in said["encryption"]
        assert server.requests == []


def test_a_port_that_nobody_listens_on_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with HttpStandIn() as gone:
        pass
    monkeypatch.setenv("SLACK_WEBHOOK_URL", gone.url("/services/T/B/X"))
    done = run("notify", "test", "--to", "slack")
    assert f"127.0.0.1, port {gone.port}: connection refused" in done.out
    assert "  check host and port, and whether a firewall lets this machine out\n" in done.out


def test_the_console_is_beside_the_result_where_programs_read(run: Run) -> None:
    done = run("notify", "test", "--to", "console", "--json")
    assert done.json[0]["ok"]
    assert "TEST WARNING web-1" in done.err


@pytest.mark.parametrize(
    ("name", "remedy"), [("consol", "did you mean console?"), ("x", "there are console")]
)
def test_a_destination_that_is_none_is_refused_with_the_one_that_was_meant(
    run: Run, name: str, remedy: str
) -> None:
    done = run("notify", "test", "--to", name)
    assert (done.code, done.err) == (2, f"tocsin: --to: there is no destination '{name}'; {remedy}\n")


def test_a_replay_tells_elsewhere_what_was_told_and_says_so(
    tocsin: Run, engine: Engine, redis: Redis, bot: SlackStandIn
) -> None:
    ring(engine, redis, CRITICAL)
    post(engine, rules())  # to the console
    done = tocsin("notify", "replay", "1", "--to", "slack", "--by", "ben")
    assert done.code == 0
    [arrived] = bot.posts
    assert arrived.message["text"].startswith("REPLAY DRILL CRITICAL web-1 drill:try 99 %")
    sentence = "This is delivery 1 again, which was for console, sent by ben: nothing has happened since."
    assert sentence in str(arrived.message)
    assert arrived.thread_ts is None
    assert "tocsin_acknowledge" not in str(arrived.message)


def test_neither_a_test_nor_a_replay_changes_a_row(
    tocsin: Run, engine: Engine, redis: Redis, bot: SlackStandIn
) -> None:
    ring(engine, redis, CRITICAL)
    post(engine, rules())
    before = everything(engine)
    assert tocsin("notify", "test", "--to", "slack").code == 0
    assert tocsin("notify", "replay", "1", "--to", "slack").code == 0
    bot.script += [answer(500)] * 9
    assert tocsin("notify", "test", "--to", "slack").code == 1
    assert everything(engine) == before


def everything(engine: Engine) -> dict[str, list[Any]]:
    """Every row of every table."""
    with engine.connect() as connection:
        names = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        return {
            name: [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{name}"'))]  # noqa: S608
            for name in sorted(names.scalars())
        }


def test_a_delivery_that_is_none_is_said(tocsin: Run) -> None:
    done = tocsin("notify", "replay", "99", "--to", "console")
    remedy = "tocsin deliveries list shows which there are"
    assert (done.code, done.err) == (1, f"tocsin: there is no delivery 99; {remedy}\n")
