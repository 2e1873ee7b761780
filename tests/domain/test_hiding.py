"""What is taken out of a text, in which spellings, and what stays."""

import pytest

from domain.hiding import Hiding

URL = "postgresql://tocsin:p%40ss-word@db.example.com/tocsin"


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        (URL, f"cannot open {URL}"),
        (URL, "the password p%40ss-word is wrong"),
        (URL, "the password p@ss-word is wrong"),
        ("https://hooks.example.com/T1/abcd", "404 for /T1/abcd"),
        ('say "hello"', r'{"password": "say \"hello\""}'),
        ('that\'s "hello"', repr('that\'s "hello"')),
        ("a word/two", "?token=a%20word%2Ftwo"),
    ],
    ids=["whole URL", "as in it", "decoded", "path of a hook", "as JSON", "as repr", "quoted for a URL"],
)
def test_a_secret_is_taken_out_in_every_spelling(secret: str, said: str) -> None:
    hidden = Hiding([secret]).hidden(said)
    assert "****" in hidden
    assert not any(part in hidden for part in ("ss-word", "abcd", "hello", "two"))


def test_an_address_is_taken_out_whole_before_its_password() -> None:
    assert Hiding([URL]).hidden(f"at {URL}!") == "at ****!"


def test_what_is_no_secret_of_an_address_stays() -> None:
    said = "db.example.com refuses tocsin"
    assert Hiding([URL]).hidden(said) == said


def test_what_is_too_short_to_be_hidden_stays() -> None:
    assert Hiding(["abc", "abcd"]).hidden("abc and abcd") == "abc and ****"


def test_what_is_no_address_at_all_is_taken_out_all_the_same() -> None:
    assert Hiding(["http://[::1"]).hidden("it says http://[::1 here") == "it says **** here"
