"""What a process works with follows from its settings."""

from pathlib import Path

import settings
from tests.notifications.examples import FULL
from worker.resources import Resources


def test_messages_have_the_words_of_the_operators_own_templates(tmp_path: Path) -> None:
    (tmp_path / "opened").mkdir()
    (tmp_path / "opened" / "subject.txt").write_text("look at {{ host }}")
    own = Resources(settings.load({"TOCSIN_TEMPLATES": str(tmp_path)}))
    assert own.renderer.render(FULL).summary == "look at web-1"
    assert Resources(settings.load({})).renderer.render(FULL).summary.startswith("CRITICAL web-1")
