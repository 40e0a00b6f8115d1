"""Rewards from the nodes of the Ray cluster that a trainer has initialised: judging leaves the trainer's node.

python examples/reward_on_ray.py                  # pip install 'itertl[ray]'; RAY_ADDRESS names a cluster that runs

verl initialises Ray by itself, and takes the same by its configuration:

    reward.custom_reward_function.path=examples/verl_reward.py
    reward.custom_reward_function.name=compute_score
    +reward.custom_reward_function.reward_kwargs.cluster=auto

Without RAY_ADDRESS this program starts a cluster of one node, as a trainer on one machine does.
"""

import os

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray

from itertl.rewards import Reward

REFERENCE = """module adder(input [3:0] a, input [3:0] b, output [4:0] sum);
  assign sum = a + b;
endmodule
"""

if __name__ == "__main__":
    if "RAY_ADDRESS" in os.environ:
        ray.init()
    else:
        ray.init("local", num_cpus=1, object_store_memory=100 << 20, include_dashboard=False)
    reward = Reward(cluster="auto")
    answers = [REFERENCE.replace("a + b", "b + a"), REFERENCE.replace("a + b", "a - b"), "I do not know."]
    print(reward(["an adder"] * 3, answers, reference=[REFERENCE] * 3))
