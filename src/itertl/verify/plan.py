"""Stimuli as a bench reads them, and what it prints as samples again; nothing is run here.

plan.memory                     # the stimuli, for $readmemh
plan.lines                      # what each line that the bench prints holds
plan.trace(shown, width)        # the outputs at every sample, from what the bench has printed
"""

import dataclasses
import functools
import itertools
import operator

JOINED = 8  # steps that share a line, after which it is written out: how finely progress shows
SLOTS = 2 * JOINED  # samples of such a line where all inputs are new
COUNT = 24  # bits of the number of steps behind a vector, and of whether a line ends with it


@dataclasses.dataclass(frozen=True)
class Plan:
    """Stimuli: one vector (all inputs but the clock, the first input in the highest bits) a step.

    `clock` is "" for a combinational design; else each step also toggles the clock, which starts at 0. Of several
    independent clocks none is `clock`: their levels are bits of the vectors, at (name, offset) of `clocks`, and take
    effect when the other inputs have settled; one of them changes at each step.
    """

    clock: str
    width: int
    vectors: tuple[int, ...]
    clocks: tuple[tuple[str, int], ...] = ()

    @property
    def edged(self) -> bool:
        """True if outputs are sampled before and behind an edge at each step."""
        return bool(self.clock or self.clocks)

    @property
    def mask(self) -> int:
        """The bits of several clocks in a vector."""
        return sum(1 << offset for _, offset in self.clocks)

    @property
    def samples(self) -> int:
        """How many times the outputs are sampled."""
        return len(self.vectors) * (2 if self.edged else 1)

    @functools.cached_property
    def stretches(self) -> tuple[tuple[int, int], ...]:
        """Vectors, each with the number of steps behind its own one in which no input but the clock changes."""
        if not self.clock or not self.vectors:
            return tuple((vector, 0) for vector in self.vectors)
        changed = map(operator.ne, self.vectors, itertools.islice(self.vectors, 1, None))
        begins = itertools.compress(itertools.count(1), changed)
        return tuple(
            (self.vectors[begin], end - begin - 1) for begin, end in itertools.pairwise([0, *begins, len(self.vectors)])
        )

    @property
    def memory(self) -> str:
        """The stretches in hexadecimal, one a line.

        In the highest bits the steps behind the vector, then if a line ends with it, the clock before it where there is
        one, and the vector.
        """
        bits, ends, level, lines = self.driven, self._ends, 0, []
        line = f"%0{(bits + COUNT + 3) // 4}x\n"
        for n, (vector, count) in enumerate(self.stretches):
            lines.append(line % ((count << 1 | (n in ends)) << bits | level << self.width | vector))
            level ^= ~count & bool(self.clock)
        return "".join(lines)

    @property
    def driven(self) -> int:
        """How many bits the bench drives: the vector and, above it, the clock where there is one."""
        return self.width + bool(self.clock)

    @functools.cached_property
    def _ends(self) -> frozenset[int]:
        """Which stretches end a line: behind them another one would not fit into it, or comes one of steps alone."""
        ends, steps = set[int](), 0
        for n, (_, count) in enumerate(self.stretches):
            rest = 1 + count % JOINED
            if steps and steps + rest > JOINED:
                ends.add(n - 1)
                steps = 0
            steps += rest
            if count >= JOINED:
                ends.add(n)
                steps = 0
        return frozenset({*ends, len(self.stretches) - 1})

    @functools.cached_property
    def lines(self) -> tuple[tuple[int, int, int], ...]:
        """Of each line of a whole simulation: steps that end in it, samples that it holds, and those that count.

        The last ones count. A stretch shows its first two samples, before and behind its edge, then one a step.
        """
        if not self.edged:
            full, rest = divmod(len(self.vectors), JOINED)
            return ((JOINED, JOINED, JOINED),) * full + ((rest, JOINED, rest),) * bool(rest)
        found: list[tuple[int, int, int]] = []
        steps = samples = 0
        for n, (_, count) in enumerate(self.stretches):
            steps, samples = steps + 1 + count % JOINED, samples + 2 + count % JOINED
            if n in self._ends:
                found.append((steps, SLOTS, samples))
                found += [(JOINED, JOINED, JOINED)] * (count // JOINED)
                steps = samples = 0
        return tuple(found)

    def trace(self, shown: str, width: int) -> str:
        """Return the outputs at every sample, `width` bits each, from what a simulation has shown of a design.

        Where no input changes, the sample before an edge is the one behind the edge before, and is not shown.
        """
        counted = "".join([shown[begin * width : end * width] for begin, end in self._counted])
        if not self.clock:
            return counted
        found: list[str] = []
        for begin, end, held in self._windows:
            if not held:
                found.append(counted[begin * width : end * width])
                continue
            cells = [counted[at : at + width] for at in range(begin * width, end * width, width)]
            both = [""] * (2 * len(cells) - 2)
            both[::2], both[1::2] = cells[:-1], cells[1:]
            found += both
        return "".join(found)

    @functools.cached_property
    def _counted(self) -> tuple[tuple[int, int], ...]:
        """Which of the samples of all lines, one line behind the other, count."""
        found, at = list[tuple[int, int]](), 0
        for _, samples, count in self.lines:
            at += samples
            if found and found[-1][1] == at - count:
                found[-1] = (found[-1][0], at)
            else:
                found.append((at - count, at))
        return tuple(found)

    @functools.cached_property
    def _windows(self) -> tuple[tuple[int, int, bool], ...]:
        """Which of the samples that count are those of the steps; true: each is one behind a step and before the next.

        The others are as they are told.
        """
        found, begin, at = list[tuple[int, int, bool]](), 0, 0
        for _, count in self.stretches:
            at += 2
            if count:
                found += [(begin, at, False), (at - 1, at + count, True)]
                begin = at = at + count
        return (*found, (begin, at, False))

    def step(self, sample: int) -> int:
        """Return the number of the vector that the inputs hold at a sample."""
        return sample // 2 if self.edged else sample

    def vector(self, sample: int) -> int:
        """Return what the inputs hold at a sample; clocks among them have not changed yet before an edge."""
        step = self.step(sample)
        if not self.clocks or sample % 2:
            return self.vectors[step]
        before = self.vectors[step - 1] if step else 0
        return (self.vectors[step] & ~self.mask) | (before & self.mask)

    def cycle(self, sample: int) -> int:
        """Return the clock cycle of a sample, or the number of its vector where there is no clock."""
        return self.step(sample) // 2 if self.edged else sample

    def level(self, sample: int) -> str:
        """Return the clock at a sample: "0" or "1", or "" where there is none."""
        return str((self.step(sample) + sample) % 2) if self.clock else ""

    def describe(self, sample: int) -> str:
        """Name the moment of a sample in words."""
        if self.clocks:
            return self._of_several(*divmod(sample, 2))
        if not self.clock:
            return f"vector {sample}"
        step, behind = divmod(sample, 2)
        edge = "falling" if step % 2 else "rising"
        return f"cycle {step // 2}, {'after' if behind else 'before'} the {edge} edge of {self.clock}"

    def _of_several(self, step: int, behind: int) -> str:
        now, before = self.vectors[step], self.vectors[step - 1] if step else 0
        moved = [(name, offset) for name, offset in self.clocks if (now ^ before) >> offset & 1]
        edges = [f"the {'rising' if now >> offset & 1 else 'falling'} edge of {name}" for name, offset in moved]
        return f"step {step}, {'after' if behind else 'before'} {' and '.join(edges) or 'the first edge'}"
