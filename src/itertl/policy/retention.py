"""Which policies of a run stay on disk.

The first, the best on dev and the latest ones are needed: to be measured at the end, to be trained further and to
sample from. Of the others the weights can be deleted (`policy.keep`). Their folders stay, with the training log, the
tokenizer and a note that holds the digest, so that every candidate's origin remains known.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from itertl.disk.artefacts import write_text
from itertl.policy.folder import MERGED, REMOVED, policy_digest


def keep_policies(policies: Sequence[Path], best: int, keep: int | None, event: Callable[..., None]) -> list[Path]:
    """Delete the weights of all but the first, the `best` and the last `keep` policies; return those emptied by it.

    `policies` are in the order of iterations, all complete, and everything but the last one has been sampled from.
    `best` only ever moves to a later one, so nothing is deleted here that a later call would keep. Pointers to
    weights elsewhere are left alone, merged copies of all but the last policy are dropped. `event` is told of each
    deletion before it happens.
    """
    for policy in policies[:-1]:
        shutil.rmtree(policy.with_name(MERGED), ignore_errors=True)
    if keep is None:
        return []
    needed = {0, best, *range(max(0, len(policies) - keep), len(policies))}
    emptied = []
    for index, policy in enumerate(policies):
        weights = sorted(policy.glob("*.safetensors"))
        if index in needed or not weights:
            continue
        if not (policy / REMOVED).is_file():
            event("policy_removed", policy=str(policy), bytes=sum(file.stat().st_size for file in weights))
            write_text(policy / REMOVED, json.dumps({"digest": policy_digest(policy)}) + "\n")
        for file in weights:
            file.unlink()
        emptied.append(policy)
    return emptied
