"""From which width on does a processor decode faster with bfloat16 weights? Both arithmetics alternate in one run.

    python benchmarks/decoding_arithmetic.py [--rows 64] [--rounds 3]

Llamas of four layers with random weights, prompts of 100 tokens, a vocabulary of 4096. Printed per width: CPU time of
a decoding step in float32 and bfloat16 (least of all rounds, one thread), and their ratio. WIDE in
`itertl.sampling.precision`, from which `policy.dtype: auto` decodes in bfloat16, comes from this table.
"""

import argparse
import itertools
import time
from typing import Any

import torch
import transformers
from rich.console import Console
from rich.table import Table

from itertl.sampling import Draw
from itertl.sampling.decode import decode, prepare
from itertl.sampling.precision import WIDE

WIDTHS = (64, 128, 256, 384, 512, 1024)
STEPS, PROMPT, SAMPLES = 12, 100, 8  # tokens, tokens, per prompt
DRAW = Draw(
    samples=SAMPLES, temperature=0.8, top_p=0.95, max_new_tokens=STEPS, batch_size=0, template="", dtype="", seed=0,
    stream="",
)  # fmt: skip


def build(width: int) -> Any:
    """Return a model with heads of 64 elements, or 32 in a narrow one, of which two query heads share a key."""
    size = 32 if width < 192 else 64
    config = transformers.LlamaConfig(
        vocab_size=4096,
        hidden_size=width,
        intermediate_size=8 * width // 3,
        num_hidden_layers=4,
        num_attention_heads=width // size,
        num_key_value_heads=width // size // 2,
        head_dim=size,
        tie_word_embeddings=True,
        attn_implementation="sdpa",
    )
    model = transformers.LlamaForCausalLM(config).eval()
    model.model.norm.weight.data.fill_(12.0)  # probabilities as uneven as those of a trained model
    return model


def step_seconds(model: Any, rows: int) -> float:
    """Return the least CPU time of a step, by the times at which steps ask for their uniform numbers."""
    stamps: list[float] = []

    class Uniform:
        """Numbers of all rows, in place of a tensor."""

        shape = (rows, STEPS)

        def __getitem__(self, key: Any) -> torch.Tensor:
            stamps.append(time.process_time())
            return torch.full((len(key[0]),), 0.5)

    prompts = [list(range(p, p + PROMPT)) for p in range(rows // SAMPLES)]
    numbers: Any = Uniform()
    with torch.inference_mode():
        decode(model, prompts, SAMPLES, numbers, set(), DRAW)
    return min(b - a for a, b in itertools.pairwise(stamps))


def main() -> None:
    """Measure all widths and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    table = Table("width", "float32, ms", "bfloat16, ms", "ratio", title=f"a decoding step of {options.rows} rows")
    for width in WIDTHS:
        models = {dtype: prepare(build(width)).to(dtype) for dtype in (torch.float32, torch.bfloat16)}
        found = {dtype: [step_seconds(model, options.rows)] for dtype, model in models.items()}
        for _ in range(options.rounds - 1):
            for dtype, model in models.items():
                found[dtype].append(step_seconds(model, options.rows))
        wide, half = (1000 * min(times) for times in found.values())
        table.add_row(f"{width}", f"{wide:.1f}", f"{half:.1f}", f"{wide / half:.2f}")
    Console().print(table)
    Console().print(f"auto decodes in bfloat16 from a width of {WIDE} on")


if __name__ == "__main__":
    main()
