"""Routes, escalation and destinations of a file."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.severity import Severity
from policy import Console, Email, SlackBot, SlackWebhook, Webhook
from settings import load as load_settings
from tests.policy.conftest import Read, Refuse

CANARY = "c4n4ry"
MAIL = load_settings({"SMTP_HOST": "mail", "EMAIL_FROM": "t@b.c", "EMAIL_TO": "all@b.c"})
WEBHOOK = '[destinations.x]\ntype = "webhook"\nurl_file = "hook"\n'
STEP = '{after = "5m", destinations = "console"}'
EVERYTHING = (
    "everything that it is about goes to tocsin.toml, line 1, [[routes]] no. 1;"
    " put it before that one, or take it out"
)


def destination(name: str, keys: str = "") -> str:
    return f'[destinations.{name}]\ntype = "console"\n{keys}\n'


def route(keys: str = "") -> str:
    return f'[[routes]]\ndestinations = "console"\n{keys}\n'


DESTINATIONS = destination("a") + destination("b")


def test_the_first_route_that_matches_decides(read: Read) -> None:
    policy = read(
        DESTINATIONS
        + '[[routes]]\nhosts = "db-*"\ndestinations = "a"\n'
        + '[[routes]]\ncomponents = "cpu"\ndestinations = ["b", "console"]\n'
    )
    assert policy.route(host="db-1", component="cpu", severity=Severity.WARNING) == ("a",)
    assert policy.route(host="web-1", component="cpu", severity=Severity.WARNING) == ("b", "console")


def test_a_route_may_leave_the_next_ones_a_say(read: Read) -> None:
    policy = read(
        DESTINATIONS
        + '[[routes]]\nseverities = "critical"\ndestinations = "a"\ncontinue = true\n'
        + '[[routes]]\ndestinations = ["b", "a"]\n'
    )
    assert policy.route(host="h", component="cpu", severity=Severity.CRITICAL) == ("a", "b")
    assert policy.route(host="h", component="cpu", severity=Severity.WARNING) == ("b", "a")


def test_what_no_route_takes_is_told_to_everybody(read: Read) -> None:
    policy = read(DESTINATIONS + '[[routes]]\nhosts = "db-*"\ndestinations = "a"\n', MAIL)
    assert policy.route(host="web-1", component="cpu", severity=Severity.CRITICAL) == ("email", "a", "b")


def test_a_route_may_name_what_the_environment_sets_up(read: Read, refuse: Refuse) -> None:
    text = '[[routes]]\ndestinations = "email"\n'
    assert read(text, MAIL).route(host="h", component="cpu", severity=Severity.WARNING) == ("email",)
    (found,) = refuse(text)
    assert found == (
        "tocsin.toml, line 2, [[routes]] no. 1, destinations: there is no destination email;"
        " set up SMTP_… and EMAIL_… in the environment, or use another one"
    )


def test_an_escalation_begins_with_its_route(read: Read) -> None:
    policy = read(
        DESTINATIONS
        + '[[routes]]\nhosts = "db-*"\ndestinations = "a"\nescalation = "up"\n'
        + '[escalation.up]\nrepeat = "30m"\nrepeats = 4\nsteps = [\n'
        + '{after = "15m", destinations = "b"},\n{after = "1h", destinations = ["a", "b"]}]\n'
    )
    (up,) = policy.escalate(host="db-1", component="cpu", severity=Severity.CRITICAL)
    assert [(step.after, step.destinations) for step in up.steps] == [
        (timedelta(minutes=15), ("b",)),
        (timedelta(hours=1), ("a", "b")),
    ]
    assert (up.repeat, up.repeats) == (timedelta(minutes=30), 4)
    assert policy.escalate(host="web-1", component="cpu", severity=Severity.CRITICAL) == ()


@pytest.mark.parametrize("per_minute", [1, 6000])
def test_a_destination_may_have_its_rate(read: Read, per_minute: int) -> None:
    policy = read(destination("a", f"per_minute = {per_minute}"))
    assert policy.destinations["a"].per_minute == per_minute


def test_what_names_no_rate_has_the_one_of_its_kind(read: Read) -> None:
    assert read(destination("a", "")).destinations["a"].per_minute == Console(name="a").per_minute


def test_only_the_bot_of_the_environments_own_app_has_buttons(read: Read, tmp_path: Path) -> None:
    """Of another app nobody hears the buttons."""
    (tmp_path / "token").write_text("xoxb-7\n")
    text = """
        [destinations.ours]
        type = "slack-bot"
        channel = "#a"
        [destinations.theirs]
        type = "slack-bot"
        channel = "#b"
        token_file = "token"
    """
    bot = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "#alerts"}
    for app, heard in (({}, False), ({"SLACK_APP_TOKEN": "xapp-1"}, True)):
        found = read(text, load_settings(bot | app)).destinations
        ours, theirs = found["ours"], found["theirs"]
        assert isinstance(ours, SlackBot)
        assert isinstance(theirs, SlackBot)
        assert (ours.buttons, theirs.buttons) == (heard, False)


def test_each_type_of_destination_is_read(read: Read, tmp_path: Path) -> None:
    (tmp_path / "slack").write_text("https://hooks.slack.com/services/T/B/X\n")
    (tmp_path / "token").write_text("xoxb-7\n")
    (tmp_path / "hook").write_text("https://example.com/hook\n")
    (tmp_path / "key").write_text("k3y\n")
    found = read(
        """
        [destinations.slack-team]
        type = "slack-webhook"
        url_file = "slack"
        fallback = "mail"
        per_minute = 3
        [destinations.bot]
        type = "slack-bot"
        channel = "#incidents"
        token_file = "token"
        [destinations.mail]
        type = "email"
        to = ["a@b.c", "d@e.f"]
        from = "dba@b.c"
        [destinations.hook]
        type = "webhook"
        url_file = "hook"
        secret_file = "key"
        [destinations.screen]
        type = "console"
        """,
        MAIL,
    ).destinations
    slack, bot, mail, hook = found["slack-team"], found["bot"], found["mail"], found["hook"]
    assert isinstance(slack, SlackWebhook)
    assert slack.url.get_secret_value() == "https://hooks.slack.com/services/T/B/X"
    assert (slack.fallback, slack.per_minute) == ("mail", 3)
    assert isinstance(bot, SlackBot)
    assert (bot.token.get_secret_value(), bot.channel) == ("xoxb-7", "#incidents")
    assert isinstance(mail, Email)
    assert (mail.recipients, mail.sender, mail.host) == (("a@b.c", "d@e.f"), "dba@b.c", "mail")
    assert isinstance(hook, Webhook)
    assert hook.secret
    assert hook.secret.get_secret_value() == "k3y"
    assert isinstance(found["screen"], Console)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("", "[destinations.x]: it has no type; add type, one of slack-webhook, slack-bot, email"),
        ('type = "emial"', "type: 'emial' is not a type; did you mean email?"),
        ('type = ["email"]', "is not a type"),
        ('type = "slack-webhook"', "it has no url_file; add url_file"),
        ('type = "slack-bot"\nchannel = "#a"', "it has no token; add token_file, or set SLACK_BOT_TOKEN"),
        (
            'type = "email"\nto = "a@b.c"',
            "there is no mail server or no sender; set SMTP_HOST and EMAIL_FROM",
        ),
        ('type = "email"\nto = []', "to: 0 addresses are not from 1 to 50"),
        ('type = "email"\nto = "nobody"', "to: 'nobody' is not an e-mail address"),
        ('type = "console"\nfallback = "y"', "fallback: there is no destination y"),
        ('type = "console"\nfallback = "x"', "fallback: the fallbacks go round in a circle (x → x)"),
        ('type = "console"\nper_minute = 6001', "per_minute: '6001' is not a whole number from 1 to 6000"),
        ('type = "console"\nper_minute = true', "per_minute: 'True' is not a whole number"),
        ('type = "console"\nper_minute = "30"', "per_minute: '30' is not a whole number"),
        ('type = "email"\nto = "a@b.c"\nfrom = "nobody"', "from: 'nobody' is not an e-mail address"),
        ('type = "email"\nto = "a@b.c"\nfrom = 5', "from: '5' is not an e-mail address"),
        ('type = "console"\nper_minute = 0', "per_minute: '0' is not a whole number from 1 to 6000"),
        (
            'type = "console"\nper_minuet = 5',
            "per_minuet: there is no such key here; did you mean per_minute?",
        ),
        (
            'type = "webhook"\nurl_file = "none"',
            "url_file: the file cannot be read (No such file or directory)",
        ),
    ],
)
def test_a_wrong_destination_is_refused_with_its_place(refuse: Refuse, keys: str, sentence: str) -> None:
    (found,) = refuse(f"[destinations.x]\n{keys}\n")
    assert found.startswith("tocsin.toml, line ")
    assert sentence in found


@pytest.mark.parametrize("name", ["slack", "email", "console"])
def test_the_names_of_the_environment_cannot_be_taken(refuse: Refuse, name: str) -> None:
    (found,) = refuse(f'[destinations.{name}]\ntype = "console"\n')
    assert f"{name} is the one that the environment sets up" in found


@pytest.mark.parametrize(
    ("type_", "key", "file_key"),
    [
        ("slack-webhook", "url", "url_file"),
        ("webhook", "url", "url_file"),
        ("webhook", "secret", "secret_file"),
        ("slack-bot", "token", "token_file"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(
    refuse: Refuse, type_: str, key: str, file_key: str
) -> None:
    found = refuse(f'[destinations.x]\ntype = "{type_}"\n{key} = "https://{CANARY}"\n')
    assert any(f"put it into a file, and its path into {file_key}" in sentence for sentence in found)
    assert CANARY not in " ".join(found)


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/hook",
        "https://192.168.1.1:8443/hook",
        "http://tickets.internal/hook",
        "https://tickets.example.com/hook",
        "http://[fd00::1]/hook",
    ],
)
def test_a_webhook_may_be_allowed_to_lead_inside(read: Read, tmp_path: Path, url: str) -> None:
    (tmp_path / "hook").write_text(url)
    hook = read(f"{WEBHOOK}allow_private = true\n").destinations["x"]
    assert isinstance(hook, Webhook)
    assert hook.allow_private
    assert hook.url.get_secret_value() == url


@pytest.mark.parametrize(
    ("url", "keys", "sentence"),
    [
        (
            "http://10.0.0.1/hook",
            "",
            "the URL is not encrypted; start it with https://, or set allow_private",
        ),
        ("https://u@10.0.0.1/hook", "", "the URL holds a user name"),
        ("https://10.0.0.1/hook", "", "write it as https://example.com/hook, or set allow_private = true"),
        ("https://[fd00::1]/hook", "allow_private = false", "the URL leads into a private network"),
        ("http://tickets.internal/hook", "", "the URL is not encrypted; start it with https://"),
        ("http://93.184.216.34/hook", "allow_private = true", "the URL is not encrypted"),
        ("ftp://10.0.0.1/hook", "allow_private = true", "the URL is not a web address"),
        ("https://10.0.0.1/hook", 'allow_private = "yes"', "allow_private: 'yes' is neither true nor false"),
        ("https://10.0.0.1/hook", "allow_privat = true", "allow_privat: there is no such key here; did you"),
    ],
)
def test_a_webhook_that_leads_where_it_may_not_is_refused(
    refuse: Refuse, tmp_path: Path, url: str, keys: str, sentence: str
) -> None:
    (tmp_path / "hook").write_text(url)
    (found,) = refuse(WEBHOOK + keys)
    assert sentence in found


def test_only_a_webhook_may_lead_inside(refuse: Refuse) -> None:
    (found,) = refuse('[destinations.x]\ntype = "console"\nallow_private = true\n')
    assert "allow_private: there is no such key here" in found


@pytest.mark.parametrize(
    "content", [f"http://10.0.0.1/{CANARY}", f"https://u:{CANARY}@h/", f"{CANARY}\n\n", f"{CANARY}"]
)
def test_a_wrong_secret_is_refused_and_not_repeated(refuse: Refuse, tmp_path: Path, content: str) -> None:
    (tmp_path / "hook").write_text(content)
    (found,) = refuse('[destinations.x]\ntype = "webhook"\nurl_file = "hook"\n')
    assert "url_file: in the file: " in found
    assert CANARY not in found


def test_a_secret_in_place_of_the_path_of_its_file_is_not_repeated(refuse: Refuse) -> None:
    (found,) = refuse(f'[destinations.x]\ntype = "webhook"\nurl_file = "https://{CANARY}/"\n')
    assert CANARY not in found


def test_a_circle_of_fallbacks_is_refused(refuse: Refuse) -> None:
    found = refuse(
        destination("a", 'fallback = "b"')
        + destination("b", 'fallback = "c"')
        + destination("c", 'fallback = "b"')
    )
    assert [sentence.partition(": ")[2].partition(";")[0] for sentence in found] == [
        "the fallbacks go round in a circle (b → c → b)",
        "the fallbacks go round in a circle (c → b → c)",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[[routes]]\nhosts = "a"', "it has no destinations; add destinations"),
        ("[[routes]]\ndestinations = []", "destinations: the list of names is empty"),
        ('[[routes]]\ndestinations = "consol"', "there is no destination consol; did you mean console?"),
        ('[[routes]]\ndestinations = "console"\nescalation = "up"', "escalation: there is no escalation up"),
        (
            route('escalation = "on-cal"') + f"[escalation.on-call]\nsteps = [{STEP}]",
            "there is no escalation on-cal; did you mean on-call?",
        ),
        ('[[routes]]\ndestinations = "console"\nescalation = "up"', "write a table [escalation.up]"),
        ('[[routes]]\ndestinations = "console"\nseverities = "bad"', "severities: 'bad' is not a severity"),
        (
            '[[routes]]\ndestinations = "console"\ncomponents = "dsk"',
            "'dsk' is not a component; did you mean disk?",
        ),
        (
            '[[routes]]\ndestinations = "console"\nhost = "x"',
            "host: there is no such key here; did you mean hosts?",
        ),
        (
            '[routes]\ndestinations = "console"',
            "routes: this is not a list of tables; write it as [[routes]]",
        ),
        ("[escalation.x]", "[escalation.x]: it has no steps; add steps"),
        ("[escalation.x]\nsteps = []", "steps: the list is empty"),
        ('[escalation.x]\nsteps = [{after = "5m"}]', "steps, no. 1: it has no destinations"),
        (
            '[escalation.x]\nsteps = [{after = "0s", destinations = "console"}]',
            "after: '0s' is shorter than a minute",
        ),
        ('[escalation.x]\nsteps = [{after = "5m", destinations = "y"}]', "there is no destination y"),
        (
            '[escalation.x]\nsteps = [{after = "5m", to = "y", destinations = "console"}]',
            "to: there is no such key",
        ),
        (
            f"[escalation.x]\nsteps = [{STEP}, {STEP}]",
            "steps, no. 2, after: it does not come after the step before",
        ),
        ('[escalation."a b"]\nsteps = []', "'a b' is not a name"),
        (f"[escalation.x]\nrepeats = 3\nsteps = [{STEP}]", "repeats: it says how often, and nothing says"),
        (
            f'[escalation.x]\nrepeat = "5m"\nrepeats = 0\nsteps = [{STEP}]',
            "repeats: '0' is not a whole number",
        ),
    ],
)
def test_a_wrong_route_or_escalation_is_refused_with_its_place(
    refuse: Refuse, text: str, sentence: str
) -> None:
    (found,) = refuse(text)
    assert found.startswith("tocsin.toml, line ")
    assert sentence in found


def test_what_names_a_broken_part_is_not_called_wrong_too(refuse: Refuse) -> None:
    text = (
        '[destinations.x]\ntype = "emial"\n[escalation.up]\nsteps = 5\n'
        '[[routes]]\ndestinations = "x"\nescalation = "up"\n'
    )
    assert len(refuse(text)) == 2


@pytest.mark.parametrize(
    ("text", "oddity"),
    [
        (
            route('hosts = "db-*"') + route('hosts = "db-1"'),
            f"tocsin.toml, line 4, [[routes]] no. 2: nothing ever reaches it, because {EVERYTHING}",
        ),
        (
            f"[escalation.up]\nsteps = [{STEP}]\n",
            "tocsin.toml, line 1, [escalation.up]: no route uses it, so nobody is ever told by it",
        ),
        (
            destination("lonely") + route(),
            "tocsin.toml, line 1, [destinations.lonely]: no route leads to this destination",
        ),
    ],
)
def test_what_is_allowed_and_hardly_meant_is_mentioned(read: Read, text: str, oddity: str) -> None:
    assert read(text).oddities == (oddity,)


@pytest.mark.parametrize(
    "text",
    [
        route('hosts = "db-1"') + route('hosts = "db-*"'),
        route("continue = true") + route('hosts = "a"'),
        destination("used") + route('hosts = "a"'),
        destination("a", 'fallback = "b"') + destination("b") + '[[routes]]\ndestinations = "a"\n',
    ],
)
def test_what_makes_sense_is_not_mentioned(read: Read, text: str) -> None:
    assert read(text).oddities == ()
