"""Put a policy into the package, as the one that `policy.path: embedded` names: its weights in bfloat16.

    itertl run configs/base.yaml --set policy.dtype=float32 --until iter_00/base
    python -m scripts.embed_policy runs/base/iter_00/base

bfloat16 halves the package; the quick-start trains all weights anyway, in float32 copies of these.
"""

import sys
from pathlib import Path

import torch

from itertl.policy.load import load_policy
from itertl.policy.weights import save_policy

EMBEDDED = Path("src/itertl/embedded")


def main() -> None:
    """Write the policy named by the only argument, and say how large it is."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    model, tokenizer = load_policy(sys.argv[1])
    save_policy(model.to(torch.bfloat16), tokenizer, EMBEDDED)
    size = sum(path.stat().st_size for path in EMBEDDED.iterdir())
    count = sum(parameter.numel() for parameter in model.parameters())
    print(f"{EMBEDDED}: {count / 1e6:.2f} million parameters, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
