"""The judge behind HTTP: POST /verify, GET /health, GET /metrics.

    app = build(Judge(service, Rules(score="functional")))

Every request is bounded: its size, the time that its body may take to arrive, the designs that it holds, and the bytes
that all requests hold together. Where there is no room the answer is 429 with Retry-After, given at once. A client
that goes away gives its places back. The score is the server's own; no request names code.
"""

import asyncio
import contextlib
import dataclasses
import hmac
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from itertl.errors import ItertlError
from itertl.records import Verdict
from itertl.score import score
from itertl.serving.body import BatchBody, OneBody, Question, Refused, read_body
from itertl.serving.metrics import TYPE, Metrics
from itertl.serving.queue import Queue
from itertl.verify.workers.service import Service

GONE = 499  # the status of a request whose client has left; nobody reads it
_BODIES = 16  # largest bodies that may be held at once


@dataclasses.dataclass(frozen=True, slots=True)
class Rules:
    """What a server allows: `places` designs under way, bodies of `body_bytes` that arrive within `body_seconds`.

    `slots` designs are with the workers. `score` is a name or package.module:function; `token` is what callers have to
    show, "" for nothing.
    """

    places: int = 4096
    slots: int = 128
    body_bytes: int = 8 << 20
    body_seconds: float = 30.0
    score: str = "functional"
    token: str = ""


class Judge:
    """The state of a server: its workers, its queue and its counts. `facts` is what GET /health tells of it."""

    def __init__(self, service: Service, rules: Rules, facts: Mapping[str, Any] | None = None) -> None:
        self.service, self.rules, self.facts = service, rules, dict(facts or {})
        self.queue = Queue(service, rules.places, rules.slots)
        self.metrics = Metrics()
        self._bytes = 0  # of the bodies that are held

    async def verify(self, request: Request) -> Response:
        """Answer POST /verify."""
        held = [0]
        try:
            data = await self._body(request, held)
            questions = await asyncio.to_thread(read_body, data, self.queue.most)
            verdicts = await _unless_gone(request, self.queue.verdicts(questions))
            if verdicts is None:
                self.metrics.gone += 1
                return Response(status_code=GONE)
            self.metrics.note(verdicts)
            rows = await asyncio.to_thread(_rows, questions, verdicts, self.rules.score)
            return JSONResponse({"verdicts": rows})
        except ClientDisconnect:
            self.metrics.gone += 1
            return Response(status_code=GONE)
        except ItertlError as error:
            raise Refused(503, str(error)) from error
        finally:
            self._bytes -= held[0]

    async def _body(self, request: Request, held: list[int]) -> bytes:
        """Return the body; raise Refused where it is too large, too slow, or more than there is room for."""
        most, close = self.rules.body_bytes, {"Connection": "close"}
        announced = request.headers.get("content-length", "0")
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(self.rules.body_seconds):
                if announced.isdecimal() and int(announced) > most:
                    raise Refused(413, f"a body of {announced} bytes; expected at most {most}, send several", close)
                async for part in request.stream():
                    parts.append(part)
                    held[0] += len(part)
                    self._bytes += len(part)
                    if held[0] > most:
                        raise Refused(413, f"a body of more than {most} bytes; send several requests", close)
                    if self._bytes > _BODIES * most:
                        raise Refused(429, "the judge holds as much as it may", {"Retry-After": "1", **close})
        except TimeoutError as error:
            raise Refused(408, f"the body did not arrive within {self.rules.body_seconds:g} s", close) from error
        return b"".join(parts)

    def check_token(self, request: Request) -> None:
        """Raise Refused (401) where a caller does not show the token."""
        if not self.rules.token:
            return
        shown = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(shown.encode(), self.rules.token.encode()):
            raise Refused(401, "expected the header `Authorization: Bearer TOKEN`", {"WWW-Authenticate": "Bearer"})

    def load(self) -> dict[str, float]:
        """Return how busy the server is."""
        queue = self.queue
        return {"designs_waiting": queue.waiting, "designs_in_work": queue.working, "places": queue.places}


async def _unless_gone(request: Request, answer: Any) -> list[Verdict] | None:
    """Return the answer, or None where the client leaves before."""

    async def leaves() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    work, gone = asyncio.ensure_future(answer), asyncio.ensure_future(leaves())
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        for task in (work, gone):
            task.cancel()
        await asyncio.gather(work, gone, return_exceptions=True)


def _rows(questions: Sequence[Question], verdicts: Sequence[Verdict], name: str) -> list[dict[str, Any]]:
    """Return each verdict as plain JSON types, with `passed` and its score: null where there is none."""
    return [
        verdict.to_dict()
        | {
            "passed": verdict.passed,
            "score": score(name, task, design.code, verdict) if verdict.outcome.judged else None,
        }
        for (task, design), verdict in zip(questions, verdicts, strict=True)
    ]


def build(judge: Judge) -> FastAPI:
    """Return the application of a judge, whose workers end with it."""

    @contextlib.asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(judge.service.close)

    app = FastAPI(title="itertl", lifespan=life, docs_url=None, redoc_url=None)
    schema = {"schema": {"anyOf": [OneBody.model_json_schema(), BatchBody.model_json_schema()]}}

    @app.post("/verify", openapi_extra={"requestBody": {"content": {"application/json": schema}}})
    async def verify(request: Request) -> Response:
        """Return {"verdicts": [...]}, one for each design, in order."""
        judge.check_token(request)
        return await judge.verify(request)

    @app.get("/health")
    async def health() -> dict[str, Any]:
        """Return tools, sandbox, score and load."""
        return {"status": "ok", **judge.facts, "score": judge.rules.score, **judge.load()}

    @app.get("/metrics")
    async def metrics(request: Request) -> Response:
        """Return the counts in the text format of Prometheus."""
        judge.check_token(request)
        return PlainTextResponse(judge.metrics.text(**judge.load()), media_type=TYPE)

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        return JSONResponse({"detail": error.why}, error.status, error.headers)

    @app.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> Response:
        said = f"{error.detail}; there are POST /verify, GET /health, GET /metrics"
        return JSONResponse({"detail": said}, error.status_code, dict(error.headers or {}))

    @app.middleware("http")
    async def count(request: Request, go_on: Callable[[Request], Any]) -> Response:
        answer: Response = await go_on(request)
        judge.metrics.requests[answer.status_code] += 1
        return answer

    return app
