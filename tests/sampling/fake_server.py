"""An OpenAI-compatible server in a thread that can misbehave in every way that real ones were seen to.

with FakeServer(count=len) as server: server.url ...
"""

import hashlib
import json
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Fault = Callable[[int, dict[str, Any]], str]  # (number of the request, its body) -> what goes wrong, "" for nothing
BROKEN = {
    "cut json": b'{"choices": [{"text": "modu',
    "no choices": b'{"choices": []}',
    "deep json": b"[" * 200_000,
    "long number": b'{"choices": ' + b"9" * 10_000 + b"}",
    "deep answer": b'{"choices": ' + b"[" * 500 + b"]" * 500 + b"}",
}
BODY = "assign y = a; endmodule"


class _Http(ThreadingHTTPServer):
    request_queue_size = 128  # connections that may wait to be accepted; of the usual 5 a busy machine resets some
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has hung up is no news; anything else goes to stderr, as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class FakeServer:
    """Answers /v1/completions with a text that follows from (prompt, seed), or from the prompt alone when greedy.

    `chat` makes the message of a chat's answer from its body. `listing` is what goes wrong with the n-th look at the
    list of models: a status, "empty", or "" for nothing.
    """

    def __init__(
        self,
        count: Callable[[str], int],
        model: str = "policy",
        fault: Fault = lambda number, body: "",
        greedy: Callable[[str, int], str] | None = None,
        context: int | None = None,
        tells_stop: bool = False,
        chat: Callable[[dict[str, Any]], dict[str, Any]] = lambda body: {"content": text_of(body)},
        listing: Callable[[int], str] = lambda number: "",
        port: int = 0,
    ) -> None:
        self.listing, self.looks = listing, 0
        self.chat = chat
        self.count, self.model, self.fault, self.greedy, self.context = count, model, fault, greedy, context
        self.tells_stop = tells_stop
        self.requests: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        self.http = _Http(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.shutdown()
        self.http.server_close()

    def samples(self) -> list[dict[str, Any]]:
        """The requests that drew samples: probes are greedy, hot or one token long."""
        return [r for r in self.requests if r["max_tokens"] > 1 and 0 < r["temperature"] < 2]


def text_of(body: dict[str, Any]) -> str:
    """Return what an honest server draws for a request."""
    mark = hashlib.sha256(f"{prompt_of(body)}/{body.get('seed')}".encode()).hexdigest()[:8]
    return f" // {mark}\n{BODY}"


def prompt_of(body: dict[str, Any]) -> str:
    """Return the text that a request asks to continue, or the last turn of a chat."""
    prompt: str = body["messages"][-1]["content"] if "messages" in body else body["prompt"]
    return prompt


def _handler(server: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def send(self, status: int, data: bytes, length: int | None = None, **headers: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data) if length is None else length))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            with server.lock:
                fault = server.listing(server.looks)
                server.looks += 1
            if fault.isdecimal():
                self.send(int(fault), b'{"error": "Loading model"}')
                return
            row = {"id": server.model, **({"max_model_len": server.context} if server.context else {})}
            self.send(200, json.dumps({"object": "list", "data": [row] * (not fault)}).encode())

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with server.lock:
                number = len(server.requests)
                server.requests.append(body)
            match fault := server.fault(number, body):
                case "hang":
                    time.sleep(30)
                case "close":
                    self.close_connection = True
                case "cut body":
                    self.send(200, b'{"choices": [', length=1000)
                    self.close_connection = True
                case fault if fault in BROKEN:
                    self.send(200, BROKEN[fault])
                case fault if fault.isdecimal():
                    self.send(int(fault), b'{"error": "not at the moment"}', Retry_After="0")
                case _:
                    self.send(200, json.dumps(answer(server, body, fault)).encode())

    return Handler


def answer(server: FakeServer, body: dict[str, Any], fault: str) -> dict[str, Any]:
    """Return the JSON of a completion, spoilt by `fault`."""
    text, prompt = text_of(body), prompt_of(body)
    if fault == "ignores seed":
        text = BODY
    if body["temperature"] == 0 and server.greedy:
        text = server.greedy(prompt, body["max_tokens"])
    ended = fault if fault in ("abort", "length") else "stop"
    choice: dict[str, Any] = {"text": text, "finish_reason": ended, "index": 0}
    if server.tells_stop:  # as vllm does: the text of the stop is held back
        found = next((stop for stop in body.get("stop", []) if stop in text), None)
        choice |= {"stop_reason": found, "text": text.partition(found)[0] if found else text}
    if "messages" in body:
        choice = {"message": {"role": "assistant", **server.chat(body)}, "finish_reason": choice["finish_reason"]}
    return {
        "model": "other" if fault == "other model" else body["model"],
        "choices": [choice],
        "usage": {
            "prompt_tokens": server.count(prompt) - 5 * (fault == "cuts prompts"),
            "completion_tokens": min(4, body["max_tokens"]),
        },
    }
