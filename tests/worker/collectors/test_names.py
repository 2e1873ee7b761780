"""Names are shown as they are, as far as that can be done without harm."""

from hypothesis import given
from hypothesis import strategies as st

from worker.collectors.names import visible


def test_an_ordinary_name_stays_as_it_is() -> None:
    assert visible(b"postgres: writer") == "postgres: writer"


@given(st.binary())
def test_no_name_breaks_a_line_json_or_postgres(name: bytes) -> None:
    shown = visible(name)
    assert shown.isprintable()
    assert shown.encode("utf-8").decode("utf-8") == shown


@given(st.text(), st.text())
def test_two_names_that_differ_are_shown_differently(one: str, other: str) -> None:
    distinct = one.encode("utf-8", "replace") != other.encode("utf-8", "replace")
    assert (visible(one.encode("utf-8", "replace")) != visible(other.encode("utf-8", "replace"))) is distinct


@given(st.binary())
def test_a_name_that_python_has_decoded_already_is_shown_as_its_bytes_are(name: bytes) -> None:
    assert visible(name.decode("utf-8", "surrogateescape")) == visible(name)
