"""The pages that we add to Flower: run a task, see what came of it, and look into the ledger."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from tornado import web
from tornado.template import Loader

from beat_schedule import ENTRIES
from worker.flower.gate import Gate, published
from worker.flower.requests import Denied, Wish, check_size, startable
from worker.flower.standing import look
from worker.resources import resources
from worker.runs import listed
from worker.tasks.arguments import Refused
from worker.tasks.fields import fields
from worker.tasks.jobs import for_people

FOLDER = Path(__file__).with_name("pages")
TEMPLATES = Loader(str(FOLDER))
PERIODS = {entry.task: entry.period for entry in ENTRIES}

# Nothing from elsewhere, nothing that runs, and nobody who frames us.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

# How a browser asks for each kind of argument.
INPUTS = {
    "time": "datetime-local",
    "date": "date",
    "whole number": "number",
    "number": "number",
    "text": "text",
}

TASK_ID = re.compile(r"[0-9a-f-]{36}")


class Page(Gate):
    """The base of our pages."""

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("Referrer-Policy", "same-origin")

    def link(self, path: str) -> str:
        """A path of this Flower, behind the prefix that it may have."""
        prefix = (self.application.options.url_prefix or "").strip("/")
        return f"/{prefix}{path}" if prefix else path

    def show(self, page: str, **values: Any) -> None:
        self.finish(TEMPLATES.load(page).generate(link=self.link, **values))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        denied = (kwargs.get("exc_info") or (None, None))[1]
        if not isinstance(denied, Denied):
            super().write_error(status_code, **kwargs)
            return
        self.set_status(denied.status)
        self.show("denied.html", sentence=denied.sentence)


class RunPage(Page):
    """Every task that people may start, with a form for each."""

    @web.authenticated
    def get(self) -> None:
        self.offer()

    @web.authenticated
    async def post(self) -> None:
        check_size(self.request.body)
        job = startable(self.get_body_argument("task", ""))
        given = {name: values[-1].decode("utf-8", "replace") for name, values in self._fields()}
        try:
            told = job.arguments.typed(given, datetime.now(UTC))
        except Refused as refused:
            self.set_status(400)
            self.offer(wrong=job.name, sentence=str(refused), given=given)
            return
        result = await published(Wish(job, told), self.user)
        self.redirect(self.link(f"/run/{result.id}"), status=303)

    def offer(
        self, wrong: str | None = None, sentence: str = "", given: Mapping[str, str] | None = None
    ) -> None:
        self.show(
            "run.html",
            jobs=for_people().values(),
            fields=fields,
            periods=PERIODS,
            every=every,
            inputs=INPUTS,
            wrong=wrong,
            sentence=sentence,
            given=given or {},
        )

    def _fields(self) -> Iterator[tuple[str, list[bytes]]]:
        return ((name, values) for name, values in self.request.body_arguments.items() if name != "task")


class ResultPage(Page):
    """What came of one run; it looks again by itself until that is known."""

    @web.authenticated
    async def get(self, task_id: str) -> None:
        if not TASK_ID.fullmatch(task_id):
            raise Denied(404, "there is no such run; start one, or look into the ledger")
        seen = await asyncio.to_thread(look, task_id)
        self.show("result.html", task_id=task_id, **asdict(seen))


class LedgerPage(Page):
    """The newest runs of the ledger, where this Flower can reach Postgres."""

    @web.authenticated
    async def get(self) -> None:
        engine = resources().engine
        try:
            runs = None if engine is None else await asyncio.to_thread(listed, engine)
        except SQLAlchemyError:
            runs = None
        self.show("ledger.html", runs=runs)


def every(period: timedelta) -> str:
    """A period of the schedule in words."""
    words = {timedelta(hours=1): "hour", timedelta(days=1): "day"}
    return words.get(period, f"{period.total_seconds():g} s")
