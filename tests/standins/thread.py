"""An event loop in a thread, which serves until its `with` block ends."""

import asyncio
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

START_WITHIN = 10.0


class LoopThread(ABC):
    """Runs `serve` in a thread; the block begins when it has begun to listen."""

    def __init__(self) -> None:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._failure: Exception | None = None

    @abstractmethod
    async def serve(self) -> None:
        """Start to listen, and return."""

    @abstractmethod
    async def close(self) -> None:
        """Stop to listen, and let go of whoever is still connected."""

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(START_WITHIN):
            raise TimeoutError(f"{type(self).__name__} did not start within {START_WITHIN:g} seconds")
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        try:
            await self.serve()
        except OSError as error:
            self._failure = error
            self._end.set()
        self._ready.set()
        await self._end.wait()
        await self.close()
