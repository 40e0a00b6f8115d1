"""A training process as a run has it, and its peak of resident memory: python -m tests.training.whole_process JSON."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from itertl.cli.app import app  # noqa: F401  (a run's process has it, too)
from itertl.config import LoraConfig, PolicyConfig, TrainingConfig
from itertl.policy.memory import Load as Sizes
from itertl.policy.memory import shape_of, training_memory
from itertl.records import Group

PROMPT, ANSWER = 60, 190  # tokens


def smollm2(folder: Path, dtype: str, norm: float = 1.0) -> Path:
    """Write a model of SmolLM2's shape, with the embedded policy's tokenizer; return its folder.

    `norm` is the weight of the last norm: with 1 all tokens are nearly as probable.
    """
    import torch
    import transformers

    from itertl.policy.weights import load_tokenizer

    config = transformers.LlamaConfig(
        vocab_size=49152,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=1,
    )
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=getattr(torch, dtype))
    model.model.norm.weight.data.fill_(norm)
    model.save_pretrained(folder)
    load_tokenizer("embedded").save_pretrained(folder)
    return folder


def train(policy: str, dtype: str, rank: int, checkpointing: bool, tokens: int) -> dict[str, float]:
    """Return the peak of this process behind two steps of two micro-batches, and what `check` foresees, bytes."""
    from itertl.policy.weights import load_shape, load_tokenizer
    from itertl.training.job import Job
    from itertl.training.launch import run_job

    tokenizer = load_tokenizer(policy)
    rows = tokens // (PROMPT + ANSWER)
    word = tokenizer.decode([300])
    assert len(tokenizer.encode(word * 50)) == 50

    def text(length: int) -> str:
        return str(word * length)

    groups = [Group(str(i), text(PROMPT - 1), text(ANSWER - 1), (), (), (), ()) for i in range(2 * rows)]
    settings = TrainingConfig(
        objective="mle", steps=2, groups_per_step=2 * rows, micro_batch=tokens, checkpoint_steps=1, learning_rate=1e-4
    )
    model = PolicyConfig(path=policy, dtype=dtype, gradient_checkpointing=checkpointing, lora=LoraConfig(rank=rank))
    with tempfile.TemporaryDirectory() as out:
        run_job(Job(policy, groups, settings, model, 1, Path(out)), "training")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    sizes = Sizes(rank, tokens, 1, checkpointing, bfloat16=dtype == "bfloat16", gpu=False)
    foreseen: Any = training_memory(shape_of(load_shape(policy)), sizes)
    return {"peak": 1024.0 * int(status.split("VmHWM:")[1].split()[0]), "foreseen": foreseen.total}


if __name__ == "__main__":
    print(json.dumps(train(**json.loads(sys.argv[1]))))
