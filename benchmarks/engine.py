"""A stand-in for an engine of a GPU, for measurements of what surrounds it: OpenAI's /v1/completions, without a model.

    python benchmarks/engine.py PORT POLICY --tasks tasks.jsonl --seconds 2 --startup 5

It loads for `--startup` seconds. A request takes a time of its own, drawn by its seed, of up to `--seconds`, however
many there are: an engine that batches all of them. The answer is the reference of the task whose header ends the
prompt, or, for some of the seeds, that with a defect; so a run's verification has its usual work.
"""

import argparse
import http.server
import json
import random
import time
from pathlib import Path
from typing import Any

DEFECTS = (("1'b1", "1'b0"), ("+", "-"), ("&", "|"), ("==", "!="), ("<=", "< ="), ("endmodule", ""))


def body_of(task: dict[str, str]) -> str:
    """Return what follows the header in a task's reference."""
    return task["reference"].partition(task["header"].strip())[2] or task["reference"]


def drawn(prompt: str, seed: int, tasks: list[dict[str, str]]) -> str:
    """Return an answer to a prompt that follows from it and the seed alone."""
    found = [task for task in tasks if task["header"].strip() in prompt]
    body = body_of(max(found, key=lambda task: len(task["header"]))) if found else "\nendmodule\n"
    chance = random.Random(f"{prompt}/{seed}")
    kind = chance.random()
    right, wrong = chance.choice(DEFECTS) if kind > 0.4 else ("", "")
    return f" // {seed}\n" + (body.replace(right, wrong) if right else body)


def handler(tasks: list[dict[str, str]], seconds: float) -> type[http.server.BaseHTTPRequestHandler]:
    """Return what answers the requests."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def send(self, value: Any) -> None:
            """Answer with JSON."""
            data = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            """Be healthy."""
            self.send({})

        def do_POST(self) -> None:
            """Draw a completion."""
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seed = int(asked.get("seed") or 0)
            time.sleep(random.Random(seed).random() * seconds if asked["max_tokens"] > 1 else 0.0)
            choice = {"text": drawn(asked["prompt"], seed, tasks), "finish_reason": "stop"}
            self.send({"model": asked["model"], "choices": [choice]})

    return Handler


def main() -> None:
    """Load, then serve until the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("policy")
    parser.add_argument("--tasks", type=Path, required=True, help="the tasks of the run")
    parser.add_argument("--seconds", type=float, default=2.0, help="the longest answer")
    parser.add_argument("--startup", type=float, default=0.0, help="until the weights are there")
    options = parser.parse_args()
    tasks = [json.loads(line) for line in options.tasks.read_text(encoding="utf-8").splitlines()]
    time.sleep(options.startup)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), handler(tasks, options.seconds))
    server.request_queue_size = 512
    server.serve_forever()


if __name__ == "__main__":
    main()
