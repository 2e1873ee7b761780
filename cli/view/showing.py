"""Keeps the programs running and the view up to date: a full screen on a terminal, lines elsewhere."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

from rich.live import Live

from cli.output import console, say
from cli.startup.flower_access import is_listening
from cli.startup.starting import Started, Step
from cli.view.live import Picture, page
from cli.view.log_lines import LogLines
from cli.view.situation import Situation
from cli.view.watching import Watcher
from embedded import Supervisor

PAUSE_S = 1.0

# A step that waits for a task goes on without it after so long.
PATIENCE_S = 10.0


@dataclass
class Show:
    """One turn a second: look after the programs, launch what comes next, look around."""

    supervisor: Supervisor
    started: Started
    watcher: Watcher
    step: Step | None
    step_since: float
    flower_answers: bool = False

    def turn(self) -> Picture:
        situation = self.watcher.look()
        if self.step and self._is_time(self.step, situation):
            for program in self.step.programs:
                self.supervisor.launch(program)
            self.step, self.step_since = next(self.started.later, None), monotonic()
        return Picture(
            at=datetime.now(UTC),
            situation=situation,
            programs=self.supervisor.poll(),
            addresses=addresses(self.started, flower=self._flower()),
            began=self.started.began,
            trouble=self.watcher.trouble,
        )

    def _flower(self) -> bool:
        """Whether Flower has answered, which it does some seconds after it was launched."""
        access = self.started.access
        self.flower_answers = self.flower_answers or is_listening(access.address, access.port)
        return self.flower_answers

    def _is_time(self, step: Step, situation: Situation | None) -> bool:
        run = situation.run_of(step.after) if situation and step.after else None
        ran = run is not None and run.at > self.started.began
        return ran or monotonic() - self.step_since > PATIENCE_S


def show(supervisor: Supervisor, started: Started) -> None:
    """Show what is going on until somebody interrupts it."""
    awaited = started.settings.slack_app_token is not None
    watcher = Watcher(started.engine, started.redis, buttons_awaited=awaited)
    turns = Show(supervisor, started, watcher, next(started.later, None), monotonic())
    try:
        if sys.stdout.isatty():
            _on_terminal(turns)
        else:
            _as_lines(turns)
    finally:
        watcher.close()


def _on_terminal(turns: Show) -> None:
    with Live(console=console(), screen=True, auto_refresh=False) as live:
        while True:
            size = live.console.size
            live.update(page(turns.turn(), width=size.width, height=size.height), refresh=True)
            sleep(PAUSE_S)


def _as_lines(turns: Show) -> None:
    lines = LogLines()
    for name, value in addresses(turns.started, flower=True).items():
        say(f"{name}: {value}")
    while True:
        for line in lines.new(turns.turn(), monotonic()):
            say(line)
        sys.stdout.flush()
        sleep(PAUSE_S)


def addresses(started: Started, *, flower: bool) -> Mapping[str, str]:
    """Where to look and what to type, by what it is for; `flower` is whether it answers."""
    settings, access = started.settings, started.access
    return {
        "Flower": f"{access.url}  as {access.username}{'' if flower else ', in some seconds'}",
        "Password": shown_path(access.source),
        "Metrics": started.metrics_url,
        "SQL": 'tocsin db shell, or psql "$(tocsin db url)"',
        "Logs": shown_path(str(settings.tocsin_home / "log")),
        "Try": "tocsin drill, in another terminal; Ctrl-C here stops everything",
    }


def shown_path(path: str) -> str:
    """A path as a person would type it."""
    home = str(Path.home())
    return f"~{path.removeprefix(home)}" if path.startswith(f"{home}/") else path
