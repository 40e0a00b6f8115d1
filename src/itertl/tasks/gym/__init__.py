"""A gym for hardware: an endless supply of small RTL tasks with instruction, header and clean reference.

Every task follows from (split, seed): the same arguments give the same tasks on every machine, and a shorter list is
a prefix of a longer one. What an instruction leaves open, no verdict depends on.

In: split, count, seed. Out: tasks. Imports: tasks (similarity, for statistics), records, identity, errors; never verify.

    itertl gym --family counter --seed 3
"""

from itertl.tasks.gym import defects
from itertl.tasks.gym.design import Family
from itertl.tasks.gym.families import FAMILIES
from itertl.tasks.gym.splits import SPLITS, example, generate

__all__ = ["FAMILIES", "SPLITS", "Family", "defects", "example", "generate"]
