"""The file that Flower runs before it starts: its login, its gates, our pages, and how it ends."""

import os
from types import FrameType

from flower import command, urls
from tornado.options import options
from tornado.web import StaticFileHandler

import settings
import tracing
from worker import logs
from worker.celery import app
from worker.flower.gate import CLOSED, Closed, Metrics, Result, Start, StartAndWait
from worker.flower.navigation import add_link
from worker.flower.pages import FOLDER, LedgerPage, ResultPage, RunPage


def _leave(_signum: int, _frame: FrameType | None) -> None:
    """End at once: Flower keeps nothing that an orderly end would save.

    Its own handler raises SystemExit, wherever the main thread happens to be. When that is in the birth of a
    thread of a pool, Python waits at its end for a thread that nobody tells to stop, for ever.
    """
    os._exit(0)


# The first that fits is the one that answers, so ours go before Flower's.
OURS = [
    (r"/run", RunPage),
    (r"/run/ledger", LedgerPage),
    (r"/run/static/(.*)", StaticFileHandler, {"path": str(FOLDER)}),
    (r"/run/(.+)", ResultPage),
    (r"/api/task/async-apply/(.+)", Start),
    (r"/api/task/send-task/(.+)", Start),
    (r"/api/task/apply/(.+)", StartAndWait),
    (r"/api/task/result/(.+)", Result),
    (r"/metrics", Metrics),
    *((pattern, Closed, {"why": why}) for pattern, why in CLOSED.items()),
]

# Flower would write lines of its own form; where there is a log already, it adds none.
configured = settings.load(settings.environment())
logs.set_up(configured)
tracing.start(configured)

if not (options.basic_auth or options.auth):
    raise SystemExit("Flower starts with a login or not at all; start it with tocsin flower, which sets one")

# Somebody waits at a browser: that Redis is away is said at once, and not after twenty tries.
app.conf.result_backend_transport_options = {"retry_policy": {"max_retries": 1, "interval_start": 0}}

command.sigterm_handler = _leave
add_link()
urls.handlers[:0] = OURS
