"""Settings that are right one by one and wrong together."""

import pytest

from settings import load
from tests.settings.test_load import problems_of

MAIL = {"SMTP_HOST": "mail.example.com", "EMAIL_FROM": "a@b.c", "EMAIL_TO": "d@e.f"}
TOKEN = "xoxb-1-2"


@pytest.mark.parametrize("what", ["CPU", "MEMORY", "DISK"])
@pytest.mark.parametrize("critical", ["90", "80"])
def test_a_warning_must_be_below_its_critical(what: str, critical: str) -> None:
    names = f"HEALTH_{what}_WARNING", f"HEALTH_{what}_CRITICAL"
    (found,) = problems_of({names[0]: "90", names[1]: critical})
    assert found.startswith(f"{names[0]}: 90 must be below {names[1]}, which is {critical};")


def test_a_warning_is_held_against_the_default_critical_too() -> None:
    assert "must be below HEALTH_CPU_CRITICAL, which is 90" in problems_of({"HEALTH_CPU_WARNING": "95"})[0]


@pytest.mark.parametrize(
    ("environ", "present", "absent"),
    [
        ({"SMTP_HOST": "m", "EMAIL_TO": "d@e.f"}, "SMTP_HOST", "EMAIL_FROM"),
        ({"SMTP_HOST": "m", "EMAIL_FROM": "a@b.c"}, "SMTP_HOST", "EMAIL_TO"),
        ({"EMAIL_TO": "d@e.f"}, "EMAIL_TO", "SMTP_HOST"),
        (MAIL | {"SMTP_PASSWORD": "p"}, "SMTP_PASSWORD", "SMTP_USERNAME"),
        (MAIL | {"SMTP_USERNAME": "u"}, "SMTP_USERNAME", "SMTP_PASSWORD"),
        ({"SLACK_BOT_TOKEN": TOKEN}, "SLACK_BOT_TOKEN", "SLACK_CHANNEL"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"),
    ],
)
def test_half_of_a_pair_is_refused(environ: dict[str, str], present: str, absent: str) -> None:
    (found,) = problems_of(environ)
    assert found.startswith(f"{present}: it is set, and {absent}, ")
    assert found.endswith(f"set {absent} as well, or take {present} out")


def test_a_channel_without_a_bot_is_refused() -> None:
    environ = {"SLACK_CHANNEL": "#alerts", "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/X"}
    (found,) = problems_of(environ)
    assert "SLACK_BOT_TOKEN is not set" in found


@pytest.mark.parametrize(
    "environ",
    [
        MAIL,
        MAIL | {"SMTP_USERNAME": "u", "SMTP_PASSWORD": "p"},
        {"SLACK_BOT_TOKEN": TOKEN, "SLACK_CHANNEL": "C0123456789"},
        {"SLACK_BOT_TOKEN": TOKEN, "SLACK_CHANNEL": "C0123456789", "SLACK_APP_TOKEN": "xapp-1"},
        {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/X", "SLACK_APP_TOKEN": "xapp-1"},
        {"EMAIL_FROM": "a@b.c"},
        {"SMTP_HOST": "m", "EMAIL_FROM": "a@b.c", "TOCSIN_RULES": "/etc/tocsin.toml"},
        {"SLACK_BOT_TOKEN": TOKEN, "TOCSIN_RULES": "/etc/tocsin.toml"},
    ],
)
def test_what_is_complete_is_taken(environ: dict[str, str]) -> None:
    assert problems_of(environ) == []


def test_a_wrong_half_is_not_called_missing_as_well() -> None:
    assert len(problems_of(MAIL | {"EMAIL_FROM": "nobody"})) == 1
    assert len(problems_of({"HEALTH_CPU_WARNING": "x", "HEALTH_CPU_CRITICAL": "50"})) == 1


def test_mail_without_encryption_stays_on_this_machine() -> None:
    plain = MAIL | {"SMTP_SECURITY": "none"}
    (found,) = problems_of(plain)
    assert found.startswith("SMTP_SECURITY: 'none' sends mails unencrypted to another machine;")
    for host in ("localhost", "127.0.0.1", "::1"):
        assert problems_of(plain | {"SMTP_HOST": host}) == []
    assert load(plain | {"ALLOW_INSECURE": "1"}).smtp_security == "none"


def test_redis_with_anybodys_certificate_is_refused() -> None:
    environ = {"REDIS_URL": "rediss://h:6379/0?ssl_cert_reqs=none"}
    assert "accepts the certificate of anybody" in problems_of(environ)[0]
    assert problems_of(environ | {"ALLOW_INSECURE": "1"}) == []
