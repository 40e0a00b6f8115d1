"""A reward by HTTP, from a judge that runs elsewhere: one file, standard library only, to copy beside any trainer.

itertl serve-verdicts --port 8765                                        # on the machine with the simulators
export ITERTL_JUDGE=http://judge:8765                                    # where the trainer runs
python -m verl.trainer.main_ppo \
    reward.custom_reward_function.path=examples/remote_reward.py \
    reward.custom_reward_function.name=compute_score ...

`verdicts` asks about many designs at once, and waits where the judge says that it is busy. A row of the dataset is
that of examples/verl_reward.py.

    python examples/remote_reward.py                # what verl would get for two answers; needs a judge that runs
"""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

JUDGE, TOKEN = "ITERTL_JUDGE", "ITERTL_TOKEN"
PATIENCE = 600.0  # seconds, waiting for a busy judge included
BUSY = (429, 503)


def verdicts(
    tasks: Sequence[Mapping[str, str]], designs: Sequence[Mapping[str, Any]], patience: float = PATIENCE
) -> list[dict[str, Any]]:
    """Return the verdict, with its score, on each of `designs`, {"task": 0, "completion": "..."} and so on.

    Raise TimeoutError where the judge has stayed busy, or away, for `patience` seconds; ValueError, with what it says,
    where it refuses the request.
    """
    data = json.dumps({"tasks": list(tasks), "designs": list(designs)}).encode()
    url = os.environ.get(JUDGE, "http://127.0.0.1:8765").rstrip("/") + "/verify"
    headers = {"Content-Type": "application/json"}
    if token := os.environ.get(TOKEN, ""):
        headers["Authorization"] = f"Bearer {token}"
    end, pause, last = time.monotonic() + patience, 0.5, ""
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=patience) as answer:
                found: list[dict[str, Any]] = json.load(answer)["verdicts"]
                return found
        except urllib.error.HTTPError as error:
            last = error.read().decode("utf-8", "replace")
            if error.code not in BUSY:
                raise ValueError(f"{url} refuses the request, HTTP {error.code}: {last}") from error
            pause = float(error.headers.get("Retry-After") or pause)
        except OSError as error:  # no connection, or a broken one
            last = str(error)
        time.sleep(min(pause, max(0.0, end - time.monotonic())))
    raise TimeoutError(f"{url} gave no verdicts within {patience:g} s; last: {last}")


def compute_score(
    data_source: str, solution_str: str, ground_truth: str, extra_info: Mapping[str, Any] | None = None, **unused: Any
) -> dict[str, Any]:
    """Return score, acc and outcome of one solution, as verl's reward managers call it.

    Raise ValueError for what has no score: a tool failed, or the design is beyond the simulator.
    """
    info = extra_info or {}
    task = {"reference": ground_truth, "header": info.get("header") or "", "top": info.get("top") or ""}
    (verdict,) = verdicts([task], [{"task": 0, "completion": solution_str}])
    if verdict["score"] is None:
        raise ValueError(f"no score: {verdict['outcome']}, {verdict['detail']}")
    return {"score": verdict["score"], "acc": float(verdict["passed"]), "outcome": verdict["outcome"]}


REFERENCE = """module adder(input [3:0] a, input [3:0] b, output [4:0] sum);
  assign sum = a + b;
endmodule
"""

if __name__ == "__main__":
    for text in (REFERENCE.replace("a + b", "b + a"), REFERENCE.replace("a + b", "a - b")):
        print(compute_score("rtl", text, REFERENCE, {"top": "adder"}))
