"""Kombu's way over Redis as we use it: it tells no password, keeps no copy of a tick, and sleeps.

Of each message that a worker takes kombu keeps a copy in Redis, to give it out again hours later should the
worker die: eight commands for one. A tick is worth nothing by then.
"""

from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection
from kombu.transport import redis, virtual
from kombu.utils.url import maybe_sanitize_url

from beat_schedule import FREQUENT


class Receipts(redis.QoS):
    """What a worker has taken and not finished; of ticks it alone knows, of all else Redis too."""

    def append(self, message: Any, delivery_tag: str) -> None:
        if _is_tick(message):
            virtual.QoS.append(self, message, delivery_tag)
        else:
            super().append(message, delivery_tag)

    def ack(self, delivery_tag: str) -> None:
        if self._has_tick(delivery_tag):
            virtual.QoS.ack(self, delivery_tag)
        else:
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - as kombu calls it
        """A tick that is given back is gone: the next one comes by itself."""
        if self._has_tick(delivery_tag):
            virtual.QoS.ack(self, delivery_tag)
        else:
            super().reject(delivery_tag, requeue)

    def _has_tick(self, delivery_tag: str) -> bool:
        taken: dict[str, Any] = self._delivered or {}
        return _is_tick(taken.get(delivery_tag))


def _is_tick(message: Any) -> bool:
    """Whether a message asks for what comes again by itself, and says until when it is worth doing."""
    headers = getattr(message, "headers", None)
    return isinstance(headers, dict) and str(headers.get("task")) in FREQUENT and bool(headers.get("expires"))


class Channel(redis.Channel):
    QoS = Receipts


class Transport(redis.Transport):
    Channel = Channel

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        super().register_with_event_loop(connection, loop)
        # It would wake the loop each second to look after queues that expire, and none of ours does.
        cycle: Any = self.cycle
        cycle._binding_expiry_tref.cancel()  # noqa: SLF001 - kombu has no setting for it


class Discreet(Connection):
    """A connection that tells no password: for a Unix socket, the name of the host is the whole URL.

    Workers tell it to whoever asks how they are, and Flower shows it.
    """

    def get_transport_cls(self) -> Any:
        found = super().get_transport_cls()
        return Transport if found is redis.Transport else found

    def info(self) -> dict[str, Any]:
        about: dict[str, Any] = super().info()
        return about | {"hostname": maybe_sanitize_url(about["hostname"])}


class Messages(AMQP):
    """Celery's way to the broker, by these connections."""

    Connection = Discreet
