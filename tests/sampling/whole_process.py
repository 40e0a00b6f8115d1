"""A sampling process as a run has it, and its peak of resident memory: python -m tests.sampling.whole_process JSON."""

import json
import sys
from pathlib import Path
from typing import Any

from itertl.cli.app import app  # noqa: F401  (a run's process has it, too)
from itertl.records import Task
from itertl.sampling import Draw, sample
from itertl.tasks import gym


def draw(policy: str, dtype: str, rows: int, samples: int, prompt: int, new: int) -> dict[str, float]:
    """Return the peak of this process behind two batches of `rows` samples, and what `check` foresees, bytes.

    `prompt` and `new` are tokens. The policy has random weights, which draw no EOS, or is the embedded one.
    """
    from itertl.policy.memory import sampling_memory, shape_of
    from itertl.policy.weights import load_shape, load_tokenizer
    from itertl.sampling.precision import decodes_in_bfloat16

    word = load_tokenizer("embedded").decode([300])
    settings = Draw(
        samples=samples,
        temperature=0.8,
        top_p=0.95,
        max_new_tokens=new,
        batch_size=rows,
        template=word * prompt,
        dtype=dtype,
        seed=1,
        stream="iteration 1",
    )
    tasks: list[Task] = gym.generate("train", 2 * rows // samples, 1)
    drawn = list(sample(Path(policy), tasks, settings))
    assert len(drawn) == 2 * rows
    status = Path("/proc/self/status").read_text(encoding="ascii")
    shape = shape_of(load_shape(policy))
    half = decodes_in_bfloat16(shape.width, dtype)
    foreseen: Any = sampling_memory(shape, rows, prompt, new, samples=samples, bfloat16=half, gpu=False)
    return {"peak": 1024.0 * int(status.split("VmHWM:")[1].split()[0]), "foreseen": foreseen.total}


if __name__ == "__main__":
    print(json.dumps(draw(**json.loads(sys.argv[1]))))
