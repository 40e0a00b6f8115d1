"""The reward function for verl: its configuration points at this file.

python -m verl.trainer.main_ppo \
    reward.custom_reward_function.path=examples/verl_reward.py \
    reward.custom_reward_function.name=compute_score \
    +reward.custom_reward_function.reward_kwargs.workers=4 ...

Versions of verl that have no section `reward` take the same keys as `custom_reward_function.path` and so on; their
batch reward manager calls `compute_scores`. A row of the dataset, as verl's Parquet files hold it:

    {"data_source": "rtl", "prompt": [{"role": "user", "content": "Design ..."}],
     "reward_model": {"style": "rule", "ground_truth": "module adder(...); ... endmodule"},
     "extra_info": {"header": "", "top": "adder"}}

python examples/verl_reward.py                  # what verl would get for two answers
"""

from itertl.rewards import compute_score, compute_scores

__all__ = ["compute_score", "compute_scores"]

REFERENCE = """module adder(input [3:0] a, input [3:0] b, output [4:0] sum);
  assign sum = a + b;
endmodule
"""

if __name__ == "__main__":
    for answer in (REFERENCE.replace("a + b", "b + a"), REFERENCE.replace("a + b", "a - b")):
        print(compute_score("rtl", answer, REFERENCE, {"top": "adder"}))
