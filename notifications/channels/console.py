"""The console: what a newcomer without Slack and mail sees, and what a drill rings at first."""

from typing import TextIO

from notifications.channels.base import DeliveryError, Message, Receipt


class Console:
    """Writes the text to `stream`, framed so that it stands out among log lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    async def send(self, message: Message) -> Receipt:
        framed = f"\n{'=' * 72}\n{message.rendered.text.rstrip()}\n{'=' * 72}\n"
        # A terminal that speaks no UTF-8 gets question marks and not an exception.
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        try:
            self._stream.write(framed.encode(encoding, "replace").decode(encoding))
            self._stream.flush()
        except (OSError, ValueError) as error:
            reason = f"the console cannot be written to ({type(error).__name__})"
        else:
            return Receipt(None, "written to the console")
        raise DeliveryError(reason)
