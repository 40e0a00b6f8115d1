"""Requests to OpenAI-compatible servers: many at once, the least busy server first, retries until a deadline.

    with Client(["http://127.0.0.1:8000"], concurrency=64, deadline=900) as client:
        reply = client.submit({"model": "policy", "prompt": "module t(", "max_tokens": 100}).result()

Of both kinds: TEXT, /v1/completions, and CHAT, /v1/chat/completions with `messages` in place of `prompt`.

What passes by itself is tried again, after a pause that doubles and is drawn at random: 408, 429, 5xx, time-outs,
broken connections, and answers that cannot be read; each kind is warned of once for each server. Every other refusal,
and a deadline that has passed, is a ServerError. The token of servers that ask for one is taken from the environment
variable ITERTL_API_KEY.
"""

import asyncio
import json
import logging
import os
import random
import reprlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import httpx2

from itertl.disk.sides import check_ended
from itertl.errors import ServerError
from itertl.words import counted

KEY = "ITERTL_API_KEY"  # environment variable
UNKNOWN_CALLER = {401, 403}  # statuses
RETRIED = {408, 425, 429, 500, 502, 503, 504}
NOT_READY = {502, 503}  # of a server that loads its model, or of a proxy before one
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0  # seconds
ATTEMPTS_PER_DEADLINE = 3  # an attempt that hangs may use up this part of the deadline
CONNECT_SECONDS = 10.0
MAX_BYTES = 32 << 20  # of an answer
PLAIN = {"Accept-Encoding": "identity"}  # what is packed could be any size when it is unpacked
QUOTED = 300  # characters of a server's own message
LOOK_SECONDS = 0.5  # between looks at whether anybody still wants an answer
AHEAD = 4  # requests that wait per request under way: what a slow answer at the head may hold back
TEXT, CHAT = "/v1/completions", "/v1/chat/completions"  # kinds of requests
Asked = TypeVar("Asked")
T = TypeVar("T")
log = logging.getLogger("itertl")


class UnreachableError(ServerError):
    """A server that gives no answer at all, which says nothing about what it would serve; `found` is what it gave."""

    found: str = ""


class AwayError(UnreachableError):
    """A server to which there is no connection."""


class LoadingError(AwayError):
    """A server that may come up while one waits: nobody listens yet at its address, or it is not ready yet."""


@dataclass(frozen=True)
class Reply:
    """One completion; token counts are None where the server gives none.

    `stop_reason` is the text of `stop` that ended it; `tells_stop` is True for servers that say so. `thinking` is what
    a chat model thought aloud, where the server gives it apart.
    """

    text: str
    finish_reason: str
    stop_reason: str | None
    tells_stop: bool
    model: str
    prompt_tokens: int | None
    completion_tokens: int | None
    thinking: str = ""


@dataclass(frozen=True)
class Failure:
    """An attempt that may succeed if it is repeated after at least `after` seconds; `kind` is what to raise of it."""

    reason: str
    after: float = 0.0
    kind: type[UnreachableError] = UnreachableError


@dataclass
class Server:
    """A server's address and how busy it is: requests under way, and the loop's time before which it rests.

    `failures` counts the times that it has failed since it answered last; `out` says why it is asked no more, `told`
    are the kinds of failures that were warned of.
    """

    url: str
    busy: int = 0
    rests_until: float = 0.0
    failures: int = 0
    out: str = ""
    told: set[str] = field(default_factory=set)


class Client:
    """Requests from a thread of their own; `gone(url)` says why a server can answer no more, "" while it may.

    Such a server is left out, and its requests go to the others; one that only fails rests for longer and longer.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        concurrency: int,
        deadline: float,
        gone: Callable[[str], str] = lambda url: "",
        kind: str = TEXT,
    ) -> None:
        self._servers = [Server(url) for url in urls]
        self._kind = kind
        self._deadline, self._gone = deadline, gone
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="itertl requests", daemon=True)
        self._slots = asyncio.Semaphore(concurrency)
        self._pending: set[Future[Any]] = set()
        key = os.environ.get(KEY, "")
        self._http = httpx2.AsyncClient(
            headers=PLAIN | ({"Authorization": f"Bearer {key}"} if key else {}),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=concurrency),
            timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
            trust_env=False,
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for future in list(self._pending):
            future.cancel()
        asyncio.run_coroutine_threadsafe(self._http.aclose(), self._loop).result(CONNECT_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CONNECT_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    @property
    def urls(self) -> list[str]:
        """The addresses of the servers that are not left out."""
        return [server.url for server in self._servers if not server.out]

    @property
    def ready(self) -> list[str]:
        """The addresses of those that answered when they were asked last."""
        return [server.url for server in self._servers if not server.out and not server.failures]

    def leave_out(self, url: str, why: str) -> None:
        """Ask a server no more; raise ServerError where it was the last one."""
        for server in self._servers:
            if server.url == url and not server.out:
                server.out = why
                if self.urls:
                    left = counted(len(self.urls), "servers are", "server is")
                    log.warning("%s is left out, %s left: %s", url, left, why)
        if not self.urls:
            raise ServerError(why)

    def submit(self, body: Mapping[str, Any], url: str | None = None) -> "Future[Reply]":
        """Start one request for a completion, to the least busy server or to `url`; its error is a ServerError."""
        future = asyncio.run_coroutine_threadsafe(self._complete(dict(body), url), self._loop)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return future

    def get(self, url: str) -> Any:
        """Return the JSON that `url` answers with; raise ServerError where it does not."""
        return awaited(asyncio.run_coroutine_threadsafe(self._get(url), self._loop))

    async def _get(self, url: str) -> Any:
        answer = await self._exchange("GET", url, None, min(self._deadline, 3 * CONNECT_SECONDS))
        if isinstance(answer, Failure):
            error = answer.kind(f"{url}: {answer.reason}; start the server, or correct its address (server.urls)")
            error.found = answer.reason
            raise error
        return answer

    def _warn(self, server: Server, reason: str) -> None:
        """Say of each kind of failure once that it is waited for: nothing else shows it for minutes."""
        kind = reason.partition(":")[0]
        if kind not in server.told:
            server.told.add(kind)
            log.warning("%s: %s; it is asked again for up to %g s", server.url, reason, self._deadline)

    async def _complete(self, body: Mapping[str, Any], url: str | None) -> Reply:
        async with self._slots:
            end, pause = self._loop.time() + self._deadline, FIRST_PAUSE
            while True:
                server = self._choose(url)
                left = min(end - self._loop.time(), self._deadline / ATTEMPTS_PER_DEADLINE)
                reply = await self._attempt(server, body, left)
                if isinstance(reply, Reply):
                    server.failures = 0
                    return reply
                if not server.out and (why := self._gone(server.url)):
                    self.leave_out(server.url, why)
                if server.out and url is None:
                    continue
                if server.out:
                    raise ServerError(server.out)
                self._warn(server, reply.reason)
                server.failures += not self._rest(server)  # what fails together is one failure
                longer = max(pause, min(FIRST_PAUSE * 2.0 ** min(server.failures, 16), LONGEST_PAUSE))
                wait = max(reply.after, random.uniform(longer / 2, longer))
                pause = min(2 * pause, LONGEST_PAUSE)
                if self._loop.time() + wait > end:
                    raise ServerError(
                        f"{server.url} gives no completion within server.deadline={self._deadline:g} s, last: "
                        f"{reply.reason}"
                    )
                server.rests_until = self._loop.time() + wait
                await asyncio.sleep(self._rest(self._choose(url)))  # not at all where another server is ready

    def _choose(self, url: str | None) -> Server:
        fitting = [server for server in self._servers if url == server.url or (url is None and not server.out)]
        if not fitting:
            raise ServerError(self._servers[-1].out)
        return min(fitting, key=lambda server: (self._rest(server), server.busy))

    def _rest(self, server: Server) -> float:
        return max(0.0, server.rests_until - self._loop.time())

    async def _attempt(self, server: Server, body: Mapping[str, Any], seconds: float) -> Reply | Failure:
        server.busy += 1
        try:
            url = server.url if server.url.endswith(self._kind.removeprefix("/v1")) else server.url + self._kind
            answer = await self._exchange("POST", url, body, seconds)
        finally:
            server.busy -= 1
        return answer if isinstance(answer, Failure) else read_reply(answer)

    async def _exchange(self, method: str, url: str, body: Mapping[str, Any] | None, seconds: float) -> Any:
        """Return the answer's JSON, or a Failure that may pass; raise ServerError for a refusal that will not."""
        data = bytearray()
        try:
            async with asyncio.timeout(seconds), self._http.stream(method, url, json=body) as response:
                if (packed := response.headers.get("content-encoding", "identity")) != "identity":
                    raise ServerError(f"{url} answers in {packed}; expected the plain text that was asked for")
                async for chunk in response.aiter_raw():
                    data += chunk
                    if len(data) > MAX_BYTES:
                        raise ServerError(f"{url} answers with more than {MAX_BYTES >> 20} MiB; is it a model server?")
        except TimeoutError:
            return Failure(f"no answer within {seconds:.0f} s")
        except httpx2.RequestError as error:
            return _failed(error)
        text = data.decode("utf-8", "replace")
        if response.status_code in RETRIED:
            return Failure(
                f"HTTP {response.status_code}: {text[:QUOTED]}",
                _seconds(response.headers.get("retry-after")),
                LoadingError if response.status_code in NOT_READY else UnreachableError,
            )
        if response.status_code != 200:
            key = f"; the key is taken from the variable {KEY}" if response.status_code in UNKNOWN_CALLER else ""
            raise ServerError(f"{url} refuses the request, HTTP {response.status_code}: {text[:QUOTED]}{key}")
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:  # no JSON, numbers of thousands of digits, nested without end
            return Failure(f"an answer that cannot be read ({type(error).__name__}): {text[:QUOTED]}")


def _failed(error: httpx2.RequestError) -> Failure:
    """Return in words why a request got no answer: nobody listens, no such host, a connection that broke."""
    if _is_refused(error):
        return Failure("connection refused", kind=LoadingError)
    said = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return Failure(said, kind=AwayError)
    hung_up = isinstance(error, httpx2.ReadError | httpx2.RemoteProtocolError)  # as ports of containers do at first
    return Failure(said, kind=LoadingError if hung_up else UnreachableError)


def _is_refused(error: BaseException | None) -> bool:
    """Return True if a refused connection is among the causes of an error."""
    if isinstance(error, BaseExceptionGroup):  # one for each address of a name
        return any(_is_refused(each) for each in error.exceptions)
    if error is None or isinstance(error, ConnectionRefusedError):
        return error is not None
    return _is_refused(error.__cause__ or error.__context__)


def read_reply(answer: Any) -> Reply | Failure:
    """Return the first completion of an answer; a Failure where the answer has no finished one."""
    choices = answer.get("choices") if isinstance(answer, dict) else None
    first = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    said = first.get("message")
    message: dict[str, Any] = said if isinstance(said, dict) else {}
    thought = message.get("reasoning_content") or message.get("reasoning")
    text, finish = first.get("text", message.get("content")), first.get("finish_reason")
    if text is None and isinstance(thought, str):  # it never came to an answer
        text = ""
    if not isinstance(text, str) or finish not in ("stop", "length"):
        return Failure(f"an answer without a finished completion: {reprlib.repr(answer)[:QUOTED]}")
    usage = answer.get("usage") if isinstance(answer.get("usage"), dict) else {}
    reason = first.get("stop_reason", first.get("matched_stop"))
    return Reply(
        text=text,
        finish_reason=finish,
        stop_reason=reason if isinstance(reason, str) else None,
        tells_stop="stop_reason" in first or "matched_stop" in first,
        model=str(answer.get("model", ""))[:QUOTED],
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        thinking=thought if isinstance(thought, str) else "",
    )


def in_order(
    client: Client, asked: Iterable[tuple[Asked, Mapping[str, Any] | None]], concurrency: int
) -> Iterator[tuple[Asked, Any]]:
    """Yield what each request was for with its Reply or its ServerError, in order; None where there is no request."""
    waiting: deque[tuple[Asked, Future[Reply] | None]] = deque()
    coming = iter(asked)
    while True:
        while len(waiting) < AHEAD * concurrency and (one := next(coming, None)) is not None:
            what, body = one
            waiting.append((what, None if body is None else client.submit(body)))
        if not waiting:
            return
        what, future = waiting.popleft()
        yield what, _outcome(future) if future else None


def awaited(future: "Future[T]") -> T:
    """Return the result of a future, or raise its error; EndedError where a stage beside this one has failed."""
    while not wait([future], LOOK_SECONDS).done:
        check_ended()
    return future.result()


def _outcome(future: "Future[Reply]") -> Reply | ServerError:
    try:
        return awaited(future)
    except ServerError as error:
        return error


def _count(value: Any) -> int | None:
    """Return a number of tokens, None for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _seconds(header: str | None) -> float:
    """Return what a Retry-After header asks for, in seconds; 0 for none, or for a date."""
    return min(float(header), LONGEST_PAUSE) if header and header.isdecimal() else 0.0
