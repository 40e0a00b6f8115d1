"""Models, as folders (torch-free) and as weights: names, pointers, adapters, prompts, arithmetic, memory.

In: a folder or name. Out: models, tokenizers, digests, prompts. Imports: disk and below; never tasks,
sampling, training.
"""

import os

# How torch's threads (GNU OpenMP) wait for each other between two operations, set before torch is imported: some ten
# microseconds awake, since waking one up takes longer than most operations of a small model, then asleep, since
# threads that keep spinning starve whatever runs beside them.
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "10000"}

if not WAITING.keys() & os.environ.keys():
    os.environ.update(WAITING)
