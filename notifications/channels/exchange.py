"""One HTTP request and its answer, bounded in time and size, without redirects and without retries."""

import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import aiohttp
from aiohttp.abc import AbstractResolver
from pydantic import SecretStr

import tracing
from notifications.channels.base import DeliveryError
from notifications.channels.quoting import quoted
from notifications.channels.retry_after import retry_after

DEADLINE = timedelta(seconds=15)
BODY = 64 * 1024
FIRST_ERROR = 400
TOO_EARLY, TOO_MANY, REQUEST_TIMEOUT = 425, 429, 408

# Slack's SDK logs the address of a webhook, which is its password, at DEBUG; this logger is in no tree, so
# that no configuration can make it speak.
SILENT = logging.Logger("silent", level=logging.CRITICAL + 1)  # noqa: LOG001 - in no tree is the point


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; of the body at most the first 64 KiB."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace").strip()

    def refusal(self, host: str, *secrets: SecretStr | None, permanent: bool | None = None) -> DeliveryError:
        """The error for an answer that is no acceptance: permanent by its status, unless the caller knows."""
        if permanent is None:
            temporary = self.status in {REQUEST_TIMEOUT, TOO_EARLY, TOO_MANY} or not 400 <= self.status < 500
            permanent = not temporary
        return DeliveryError(
            f"{host} answered {self.status}: {quoted(self.body[:2000], *secrets)}",
            permanent=permanent,
            retry_after=retry_after(self.headers.get("Retry-After"), datetime.now(UTC)),
        )


async def answer_to(
    post: Callable[[aiohttp.ClientSession], Awaitable[object]],
    host: str,
    *,
    resolver: AbstractResolver | None = None,
    deadline: timedelta = DEADLINE,
) -> Answer:
    """The answer to the one request that `post` makes through the session it is given.

    Raises DeliveryError when none came: ambiguous as soon as the request had begun to leave.
    """
    with tracing.span(f"POST {host}", "client", about={"server.address": host}) as span:
        answer = await _answer_to(post, host, resolver, deadline)
        span.tell({"http.response.status_code": answer.status})
        if answer.status >= FIRST_ERROR:
            span.fail(str(answer.status))
        return answer


async def _answer_to(
    post: Callable[[aiohttp.ClientSession], Awaitable[object]],
    host: str,
    resolver: AbstractResolver | None,
    deadline: timedelta,
) -> Answer:
    progress = _Progress()
    connector = aiohttp.TCPConnector(resolver=resolver, force_close=True)
    try:
        async with aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=deadline.total_seconds()),
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,
            trace_configs=[progress.trace()],
            middlewares=[_answered],
        ) as session:
            await post(session)
        failure = DeliveryError(f"{host} was not asked anything")
    except _AnsweredError as answered:
        return answered.answer
    except TimeoutError:
        failure = DeliveryError(
            f"{host} did not answer within {deadline.total_seconds():g} seconds", ambiguous=progress.sent
        )
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # Only the kind of error is told: its text may hold the address, and the address may be the secret.
        failure = DeliveryError(f"{host}: {in_words(error)}", ambiguous=progress.sent)
    raise failure


class _AnsweredError(Exception):
    """Carries the answer past a client library, whose own judgement fails on HTML and on cut JSON."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


async def _answered(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    response = await handler(request)
    try:
        body = b""
        while len(body) < BODY and (piece := await response.content.read(BODY - len(body))):
            body += piece
    finally:
        response.close()
    raise _AnsweredError(Answer(response.status, response.headers, body))


class _Progress:
    """Whether the request has begun to leave, after which nobody knows whether it arrived."""

    def __init__(self) -> None:
        self.sent = False

    def trace(self) -> aiohttp.TraceConfig:
        async def sent(
            _session: aiohttp.ClientSession,
            _context: SimpleNamespace,
            _params: aiohttp.TraceRequestHeadersSentParams,
        ) -> None:
            self.sent = True

        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(sent)
        return trace


# The first that fits, so the narrower ones stand first.
_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "the name could not be resolved"),
    (aiohttp.ClientConnectorCertificateError, "its certificate is not to be trusted"),
    (aiohttp.ClientSSLError, "no encrypted connection could be made"),
    (aiohttp.ServerDisconnectedError, "the connection was closed before an answer came"),
    (ConnectionResetError, "the connection was reset before an answer came"),
    (aiohttp.ClientPayloadError, "the answer broke off"),
)


def in_words(error: Exception) -> str:
    """What went wrong on the way to an answer; never the error's own text, which may hold a secret."""
    for fits, words in _WORDS:
        if isinstance(error, fits):
            return words
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno).lower()
    return f"the exchange failed ({type(error).__name__})"
