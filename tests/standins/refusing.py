"""A listener that resets every connection before it has read a byte."""

import asyncio
import socket
import struct

from tests.standins.thread import LoopThread


class RefusingStandIn(LoopThread):
    """Counts its visitors and sends each away with a reset."""

    def __init__(self) -> None:
        super().__init__()
        self.port = 0
        self.visitors = 0

    async def serve(self) -> None:
        self._server = await asyncio.start_server(self._reset, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _reset(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visitors += 1
        # With a linger time of zero the kernel answers with RST in place of FIN.
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
