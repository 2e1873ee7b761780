"""The small things of a page: rates and paths as people write them."""

from pathlib import Path

import pytest

from cli.view.sections import rate
from cli.view.showing import shown_path


@pytest.mark.parametrize(
    ("bytes_per_s", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (999.6, "1.0 kB"),
        (1234, "1.2 kB"),
        (99_500, "100 kB"),
        (12_345_678, "12 MB"),
        (9_940_000_000, "9.9 GB"),
        (5e12, "5000 GB"),
    ],
)
def test_a_rate_is_short(bytes_per_s: float, shown: str) -> None:
    assert str(rate(bytes_per_s)) == shown


def test_what_is_not_known_is_a_dash_and_no_zero() -> None:
    assert str(rate(None)) == "-"


def test_a_path_below_the_home_is_written_with_a_tilde() -> None:
    home = str(Path.home())
    assert shown_path(f"{home}/.local/share/tocsin") == "~/.local/share/tocsin"
    assert shown_path("/srv/tocsin") == "/srv/tocsin"
    assert shown_path(f"{home}stead") == f"{home}stead"
