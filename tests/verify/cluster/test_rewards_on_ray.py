"""Rewards on the cluster that this process has initialised: the same, and not from the trainer's node."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from itertl.rewards import Reward

pytestmark = [pytest.mark.ray, pytest.mark.slow]

SCRIPT = """
import ray, sys
ray.init(logging_level="ERROR", log_to_driver=False)
from itertl.records import Submission, Task
from itertl.rewards import Reward
from itertl.verify.cluster import links
from itertl.verify.cluster.nodes import needed_tools
link, hello = links.open_link("auto", 0, needed_tools(False), "auto")
assert type(link).__name__ == "RayLink", link
own = ray.get_runtime_context().get_node_id()
assert link._options == {"label_selector": {"ray.io/node-id": "!" + own}}, link._options
reference = "module inv(input a, output y); assign y = ~a; endmodule"
answers = [reference, reference.replace("~", ""), "nothing"]
print(Reward(cluster="auto")([""] * 3, answers, reference=[reference] * 3))
print(ray.is_initialized())
"""
INVERTER = "module inv(input a, output y); assign y = ~a; endmodule"


def test_the_trainers_cluster_judges_and_stays_connected(two_nodes: Any) -> None:
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | {"RAY_ADDRESS": two_nodes.address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    answers = [INVERTER, INVERTER.replace("~", ""), "nothing"]
    here = Reward(workers=1)([""] * 3, answers, reference=[INVERTER] * 3)
    assert found.stdout.splitlines() == [str(here), "True"]


def test_the_example_says_what_its_text_promises(start_cluster: Callable[..., Any]) -> None:
    found = subprocess.run(
        [sys.executable, "examples/reward_on_ray.py"],
        env={k: v for k, v in os.environ.items() if k != "RAY_ADDRESS"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    right, wrong, nothing = eval(found.stdout.splitlines()[-1])
    assert right == 1.0 > wrong > nothing == 0.0
