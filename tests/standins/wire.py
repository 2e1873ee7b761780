"""A wire from a program to a server at a Unix socket, which can be cut, and can swallow what it carries."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from tests.standins.thread import LoopThread

PIECE = 65_536


class Wire(LoopThread):
    """Listens on a port of this machine and carries everything to `server` and back."""

    def __init__(self, server: Path) -> None:
        super().__init__()
        self.server = server
        self.port = 0
        self.swallowed = 0
        """Bytes that were taken and not delivered."""
        self._writers: set[asyncio.StreamWriter] = set()
        self._deaf: set[asyncio.StreamWriter] = set()
        self._carrying: set[asyncio.Task[None]] = set()

    def swallow(self) -> None:
        """Whoever is connected gets nothing any more, in neither direction, and is not told; others do."""
        self._deaf |= self._writers

    def cut(self) -> None:
        """Whoever is connected is so no more."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()

    async def serve(self) -> None:
        self._listening = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._listening.close()
        await self._cut()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, server = await asyncio.open_unix_connection(str(self.server))
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, server}
        for way in (self._one_way(reader, server), self._one_way(answers, writer)):
            self._begin(way)

    def _begin(self, way: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(way)
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)

    async def _one_way(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(PIECE):
                if writer in self._deaf:
                    self.swallowed += len(piece)
                    continue
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
