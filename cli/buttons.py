"""`tocsin buttons`: hears who presses Acknowledge and Silence in Slack, and does it."""

import asyncio
import signal
from contextlib import suppress
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from cli import presses
from cli.context import load_settings
from cli.errors import UNAVAILABLE, USAGE, CommandError
from cli.group import single
from cli.servers import open_database
from models import clock
from notifications.channels.base import DeliveryError
from notifications.socket_mode import Listener, Press, Reply, answer
from settings import Settings
from watchdog.readings import BUTTONS
from worker import heartbeats, liveness, logs

app = single()

log = structlog.get_logger()


@app.command(epilog="Example: SLACK_APP_TOKEN_FILE=$HOME/.secrets/slack-app tocsin buttons")
def buttons() -> None:
    """Do what people press under messages in Slack, in the foreground.

    Acknowledge takes the alert, Silence keeps people in peace of it for an hour; whoever pressed is written
    down. It opens a connection to Slack by itself, so it needs no address that Slack could reach.
    """
    settings = load_settings()
    if settings.slack_app_token is None:
        remedy = "set it to an app-level token with the scope connections:write"
        raise CommandError("SLACK_APP_TOKEN is not set, and Slack tells nobody else", remedy, USAGE)
    with open_database(settings, "buttons") as engine:
        logs.set_up(settings)
        desk = Desk(settings, engine)
        listener = Listener(settings.slack_app_token, settings.slack_api_url, desk.pressed, desk.alive)
        try:
            asyncio.run(_until_stopped(listener))
        except DeliveryError as refused:
            remedy = "correct SLACK_APP_TOKEN, or switch Socket Mode on in the settings of the app"
            raise CommandError(f"Slack refuses: {refused.reason}", remedy, UNAVAILABLE) from None


@dataclass(frozen=True, slots=True)
class Desk:
    """Where presses arrive: the database that they change, and the way back to whoever pressed."""

    settings: Settings
    engine: Engine

    async def pressed(self, press: Press) -> None:
        """Do it and say so; whatever goes wrong is logged, and told to whoever pressed where that can be."""
        told = log.bind(button=press.button.value, alert=press.alert_id, by=press.who)
        try:
            reply = await asyncio.to_thread(presses.done, self.engine, press)
            told.info("buttons.pressed", reply=reply.text)
        except Exception as error:  # noqa: BLE001 - one press must not end the listening for all others
            told.exception("buttons.failed", reason=type(error).__name__)
            retry = f"press again, or type tocsin alerts show {press.alert_id} where Tocsin runs"
            reply = Reply(f"The database did not take it; {retry}.")
        try:
            await answer(press, reply, self.settings.slack_api_url)
        except DeliveryError as error:
            told.warning("buttons.not_answered", reason=error.reason)

    async def alive(self) -> None:
        """Leave a sign of life, for the health of the container and for whoever looks."""
        await asyncio.to_thread(self._alive)

    def _alive(self) -> None:
        liveness.show(self.settings.tocsin_home)
        try:
            with self.engine.begin() as connection:
                now = clock.now(connection)
                heartbeats.beat(connection, BUTTONS, now, {}, instance=self.settings.host_name)
        except SQLAlchemyError as error:
            log.warning("buttons.no_heartbeat", reason=type(error).__name__)


async def _until_stopped(listener: Listener) -> None:
    running = asyncio.ensure_future(listener.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    with suppress(asyncio.CancelledError):
        await running
