"""The page of settings: made from the model, and as it stands in docs/."""

from pathlib import Path

import pytest

from settings.model import Fields
from settings.page import page

PAGE = Path(__file__).parents[2] / "docs/settings.md"


def test_the_page_is_the_one_that_the_model_makes() -> None:
    assert PAGE.read_text() == page(), "run: python -m settings.page > docs/settings.md"


@pytest.mark.parametrize("field", Fields.model_fields)
def test_every_setting_is_on_the_page_with_a_description(field: str) -> None:
    (line,) = [line for line in PAGE.read_text().splitlines() if line.startswith(f"| `{field.upper()}` |")]
    assert len(line.split("|")[3].strip()) > 20
