"""`tocsin hold`: setting, listing and ending, and what is refused."""

import pytest

from tests.cli.conftest import Run

ADD = ("hold", "add", "audit", "--from", "2026-11-20", "--to", "2026-11-22", "--reason", "the auditors come")


def test_a_hold_is_set_and_listed_and_ended(tocsin: Run) -> None:
    said = tocsin(*ADD, "--by", "anna").out
    assert said == (
        "hold audit: history from 2026-11-20 00:00 to 2026-11-22 00:00 UTC stays until the hold is ended\n"
    )
    assert tocsin("hold", "list").out == (
        "audit: history from 2026-11-20 00:00 to 2026-11-22 00:00 UTC, set by anna: the auditors come\n"
    )
    assert "ended by ben" in tocsin("hold", "end", "audit", "--by", "ben").out
    assert tocsin("hold", "list").out == "nothing is held\n"
    (over,) = tocsin("hold", "list", "--all", "--json").json
    assert (over["name"], over["created_by"], over["ended_by"]) == ("audit", "anna", "ben")


def test_a_name_is_free_again_when_its_hold_was_ended(tocsin: Run) -> None:
    assert tocsin(*ADD).code == 0
    again = tocsin(*ADD)
    assert again.code != 0
    assert "there is a hold 'audit' already; give another name, or end that one first" in again.err
    tocsin("hold", "end", "audit")
    assert tocsin(*ADD, "--json").json["ended_at"] is None


def test_a_hold_that_is_not_there_cannot_be_ended(tocsin: Run) -> None:
    done = tocsin("hold", "end", "nothing")
    assert done.code == 1
    assert "no hold 'nothing' holds; tocsin hold list shows which there are" in done.err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--from", "2026-11-22", "--to", "2026-11-20", "--reason", "x"), "--from does not come before --to"),
        (("--from", "tomorrow", "--to", "2026-11-20", "--reason", "x"), "--from: 'tomorrow' is no time"),
        (("--from", "2026-11-20", "--to", "2026-11-22", "--reason", " "), "--reason: it says nothing"),
    ],
)
def test_what_makes_no_sense_is_refused(tocsin: Run, options: tuple[str, ...], sentence: str) -> None:
    done = tocsin("hold", "add", "audit", *options)
    assert done.code == 2
    assert sentence in done.err
