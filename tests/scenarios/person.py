"""Somebody at a terminal, whose commands meet the same database at the same time as the stage."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from cli import main
from tests.scenarios.stage import Stage


@dataclass
class Person:
    """Types commands, in a time that the stage's clock tells."""

    stage: Stage
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def types(self, *command: str) -> str:
        """Run a command that has to go well; answer what it printed."""
        code, out, err = self.tries(*command)
        assert (code, err) == (0, "")
        return out

    def asks(self, *command: str) -> Any:
        """Run a command for JSON."""
        return json.loads(self.types(*command, "--json"))

    def tries(self, *command: str) -> tuple[int, str, str]:
        """Run a command; answer its exit code and what it printed on both streams."""
        offset = self.stage.clock.offset.total_seconds()
        url = self.stage.engine.url.update_query_dict({"options": f"-c tocsin.clock_offset={offset}s"})
        self.monkeypatch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
        self.capsys.readouterr()
        code = main.run(command)
        said = self.capsys.readouterr()
        return code, said.out, said.err
