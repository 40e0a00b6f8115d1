"""Models, as folders (torch-free) and as weights: names, pointers, adapters, prompts, arithmetic, memory.

In: a folder or name. Out: models, tokenizers, digests, prompts. Imports: disk and below; never tasks,
sampling, training.
"""

import os

# How torch's threads (GNU OpenMP) wait for each other between two operations, set before torch is imported: some ten
# microseconds awake, since waking one up takes longer than most operations of a small model, then asleep, since
# threads that keep spinning starve whatever runs beside them.
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "10000"}

# How many shapes of matrix products oneDNN prepares and keeps, in two caches, instead of 1,024 each: rows of text come
# in hundreds of lengths, and what it kept made training SmolLM2 grow by 0.6 GiB in four steps. Fewer cost no time that
# a measurement shows (docs/scaling.md).
PREPARED = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "32", "LRU_CACHE_CAPACITY": "32"}

if not WAITING.keys() & os.environ.keys():
    os.environ.update(WAITING)
for name, shapes in PREPARED.items():
    os.environ.setdefault(name, shapes)
