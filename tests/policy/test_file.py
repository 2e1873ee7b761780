"""The file itself: what is no TOML, no text or no file, and where a mistake stands."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy import METRICS, PolicyError, check, load
from policy.file.parse import LARGEST_FILE
from policy.file.places import lines_of
from settings import examine
from tests.policy.conftest import SETTINGS, Read, Refuse

EXAMPLE = Path(__file__).parents[2] / "tocsin.example.toml"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"a = 1\nb = \n", "tocsin.toml, line 2, column 5: this is not TOML (Invalid value)"),
        (b"a = [1,\n", "tocsin.toml, at its end: this is not TOML ("),
        (b"a = 1\na = 2\n", "tocsin.toml, line 2, column 6: this is not TOML (Cannot overwrite a value)"),
        (b"[a]\n[a]\n", "tocsin.toml, line 2, column 3: this is not TOML (Cannot declare"),
        (b"- a: &x [*x, *x]\n", "this is not TOML ("),
        (b"a: !!python/object/apply:os.system ['true']\n", "this is not TOML ("),
        (b"rulez = 1\n", "tocsin.toml, line 1, rulez: there is no such section; did you mean rules?"),
        (b"rules = 1\n", "tocsin.toml, line 1, rules: this is not a list of tables; write it as [[rules]]"),
        (b"rules = [1]\n", "tocsin.toml, line 1, [[rules]] no. 1: this is not a table"),
        (b"escalation = 1\n", "tocsin.toml, line 1, escalation: this is not a table of tables"),
        (b"destinations.x = 1\n", "tocsin.toml, line 1, [destinations] x: this is not a table"),
        (b"a = " + b"9" * 5000, "tocsin.toml: it holds a value that cannot be read ("),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"#" * (LARGEST_FILE + 1), "the file is larger than 1024 kB"),
        ("a = 1".encode("utf-16"), "the file is not text in UTF-8"),
        (b"a = '\xff'", "the file is not text in UTF-8"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_file_that_is_no_rules_is_refused(rules_file: Path, content: bytes, sentence: str) -> None:
    rules_file.write_bytes(content)
    with pytest.raises(PolicyError) as refused:
        load(rules_file, SETTINGS)
    (problem,) = refused.value.problems
    assert sentence in str(problem)
    assert "\n" not in str(problem)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(PolicyError) as refused:
        load(path, SETTINGS)
    assert str(refused.value).startswith(f"{path}: the file cannot be read (No such file or directory);")


def test_tabs_a_byte_order_mark_and_windows_line_ends_do_no_harm(rules_file: Path) -> None:
    rules_file.write_bytes(b'\xef\xbb\xbf[[rules]]\r\n\tname\t=\t"cpu-high"\r\n\twarning = 33\r\n')
    assert load(rules_file, SETTINGS).rules_for("h", "cpu")[0].warning == 33


def test_everything_that_is_wrong_is_named_from_top_to_bottom(refuse: Refuse) -> None:
    found = refuse("""
        [[routes]]
        destinations = "nowhere"
        [[rules]]
        name = "cpu-high"
        warning = "x"
        critical = "y"
        [quiet_hours]
        start = "x"
        duration = "1h"
        [destinations.d]
        type = "x"
    """)
    assert [sentence.split(", ")[1] for sentence in found] == [
        "line 3",
        "line 6",
        "line 7",
        "line 9",
        "line 12",
    ]


def test_the_example_is_right_without_any_environment(read: Read) -> None:
    policy = read(EXAMPLE.read_text())
    assert policy.oddities == ()
    assert policy.escalations
    assert len(policy.maintenance) == 2


def test_the_example_is_right_with_what_it_has_in_comments(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    for name, secret in {
        "slack-database": "https://hooks.slack.com/services/T/B/X",
        "slack-token": "xoxb-1",
        "tickets-url": "https://tickets.example.com/hook",
        "tickets-key": "k",
    }.items():
        (tmp_path / "secrets" / name).write_text(secret)
    lines = EXAMPLE.read_text().splitlines()
    keys = (
        "# [destinations",
        "# type =",
        "# to =",
        "# from =",
        "# hide_recipients",
        "# fallback =",
        "# url_file",
        "# channel",
        "# token_file",
        "# secret_file",
        "# allow_private",
    )
    text = "\n".join(line.removeprefix("# ") if line.startswith(keys) else line for line in lines)
    settings = examine({"SMTP_HOST": "m", "EMAIL_FROM": "a@b.c", "EMAIL_TO": "a@b.c"})
    path = tmp_path / "tocsin.toml"
    path.write_text(text)
    assert check(path, settings) == ((), ())


def test_the_example_names_every_metric() -> None:
    text = EXAMPLE.read_text()
    assert [name for name in METRICS if name not in text] == []


def test_a_broken_environment_does_not_hide_what_is_wrong_with_the_file(rules_file: Path) -> None:
    rules_file.write_text(
        '[[routes]]\ndestinations = ["slack", "email", "nowhere"]\n'
        '[destinations.m]\ntype = "email"\nto = "a@b.c"\n'
        '[destinations.b]\ntype = "slack-bot"\nchannel = "a"\n'
    )
    examined = examine({"SLACK_WEBHOOK_URL": "x", "SMTP_PORT": "x"})
    problems, oddities = check(rules_file, examined)
    assert [problem.fault for problem in problems] == ["there is no destination nowhere"]
    assert oddities == ()


@pytest.mark.parametrize(
    "text", [EXAMPLE.read_text(), 'a."b c".d = 1\n[x.y]\n"k" = 1\n[[l]]\n[l.m]\nz = 1\n[[l]]\nw = 2\n']
)
def test_every_key_is_found_on_the_line_that_holds_it(text: str) -> None:
    lines = text.splitlines()
    found = lines_of(text)
    for keys, number in found.items():
        last = [key for key in keys if isinstance(key, str)][-1]
        assert last in lines[number - 1]
    document = tomllib.loads(text)
    for section in document:
        assert any(keys[0] == section for keys in found)


def test_hostile_keys_are_quoted_and_cut(refuse: Refuse) -> None:
    found = refuse(f'"a\\nb" = 1\n[destinations."x\\u001b[31m"]\n[escalation.{"y" * 100}]\nsteps = []\n')
    assert len(found) == 3
    assert r"'a\nb': there is no such section" in found[0]
    assert r"[destinations.'x\x1b[31m']" in found[1]
    assert f"[escalation.'{'y' * 40}…']" in found[2]


def test_text_over_several_lines_is_not_taken_for_keys() -> None:
    assert lines_of('a = """\nb = 1\n[c]\n"""\nd = 1\n') == {("a",): 1, ("d",): 5}


TOML_LIKE = st.lists(
    st.sampled_from(
        [
            "[[rules]]",
            "[rules]",
            "[destinations.a]",
            'type = "console"',
            'name = "cpu-high"',
            "warning = 5",
            "x",
            '"""',
            "'''",
            "[",
            "]]",
            "a.b = {c = 1}",
            'hosts = ["["]',
            "[escalation.e]",
            "steps = [{}]",
            "[[routes]]",
            'destinations = ["a"]',
            "= 1",
            "\t",
            "#",
            "[[maintenance]]",
            "start = 07:32:00",
            "[quiet_hours]",
        ]
    ),
    max_size=12,
).map("\n".join)


@settings(max_examples=300)
@given(TOML_LIKE)
def test_any_text_is_a_policy_or_a_list_of_sentences(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.toml"
    path.write_text(text + "\n#")
    problems, _ = check(path, examine({}))
    for problem in problems:
        assert "\n" not in str(problem)
