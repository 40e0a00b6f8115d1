"""Draw docs/objectives.svg: how each objective pushes the sequences of one group.

    python benchmarks/objective_push.py docs/objectives.svg

A bar is - d loss / d p_k with p_k = S_k / n_k: how strongly, and in which direction, a step of gradient descent moves
the mean log-probability of sequence k. The group: four candidates of equal length with scores 1.0, 0.8, 0.5 and 0.1,
of which the policy finds the worse ones likelier, and the reference. Each objective has its default weights.
"""

import sys
from pathlib import Path

import torch
from torch import Tensor

from itertl.config import TrainingConfig
from itertl.training.lessons import Lesson
from itertl.training.loss import group_loss
from itertl.training.objective import OBJECTIVES
from itertl.training.rows import Example

NAMES = ("candidate, passed, z = 1.0", "candidate, z = 0.8", "candidate, z = 0.5", "candidate, z = 0.1", "reference")
LENGTH = 100.0
MEAN = (-0.32, -0.30, -0.28, -0.26, -0.30)  # nats per token: the policy finds the worse candidates likelier
WIDTH, ROW, PANEL, LABEL, COLUMNS = 150, 17, 120, 170, 4
UP, DOWN, INK, QUIET = "#2a78b8", "#d1652f", "#1f2328", "#6b7280"


def push(name: str) -> list[float]:
    """Return - d loss / d p_k of the group under an objective."""
    length_K = torch.full((5,), LENGTH)
    logp_K = (torch.tensor(MEAN) * length_K).requires_grad_()
    start_K = logp_K.detach().clone()
    lesson = Lesson(
        Example([0], [[1]] * 5),
        score_K=torch.tensor([1.0, 0.8, 0.5, 0.1, 1.0]),
        passed_K=torch.tensor([1.0, 0.0, 0.0, 0.0, 0.0]),
        length_K=length_K,
        count_K=torch.tensor([1.0, 1.0, 1.0, 1.0, 0.0]),
        reference=4,
        active=True,
        constant=False,
        old_K=start_K,
        start_K=start_K,
    )
    loss: Tensor = group_loss(lesson, logp_K, TrainingConfig.model_validate({"objective": name}))
    (gradient_K,) = torch.autograd.grad(loss, logp_K)
    values: list[float] = (-gradient_K * length_K).tolist()
    return values


def panel(name: str, values: list[float], x: float, y: float) -> list[str]:
    """Return the marks of one objective: bars to both sides of a line, each with its value."""
    largest = max(abs(value) for value in values)
    middle, unit = x + WIDTH / 2, (WIDTH / 2 - 34) / largest
    marks = [f'<text x="{middle}" y="{y + 14}" class="name" text-anchor="middle">{name}</text>']
    for k, value in enumerate(values):
        top, size = y + 26 + k * ROW, abs(value) * unit
        left = middle if value >= 0 else middle - size
        color = UP if value >= 0 else DOWN
        if size:
            marks.append(f'<rect x="{left:.1f}" y="{top}" width="{size:.1f}" height="{ROW - 6}" fill="{color}"/>')
        side, anchor = (size + 4, "start") if value >= 0 else (-size - 4, "end")
        shown = "0" if abs(value) < 0.005 else f"{value:+.2f}"
        marks.append(f'<text x="{middle + side:.1f}" y="{top + 9}" text-anchor="{anchor}">{shown}</text>')
    bottom = y + 24 + 5 * ROW
    marks.append(f'<line x1="{middle}" y1="{y + 22}" x2="{middle}" y2="{bottom}" stroke="{QUIET}"/>')
    return marks


def draw() -> str:
    """Return the picture: one panel per objective, in two rows that share the names of the sequences."""
    rows = -(-len(OBJECTIVES) // COLUMNS)
    width, height = LABEL + COLUMNS * WIDTH + 10, rows * PANEL + 24
    marks = []
    for row in range(rows):
        for k, name in enumerate(NAMES):
            y = row * PANEL + 35 + k * ROW
            marks.append(f'<text x="{LABEL - 8}" y="{y}" text-anchor="end" class="quiet">{name}</text>')
    for index, name in enumerate(OBJECTIVES):
        row, column = divmod(index, COLUMNS)
        marks += panel(name, push(name), LABEL + column * WIDTH, row * PANEL)
    note = "push on the mean log-probability of each sequence; bars are scaled within a panel"
    marks.append(f'<text x="{LABEL}" y="{height - 8}" class="quiet">{note}</text>')
    style = f"text{{font:11px sans-serif;fill:{INK}}}.name{{font-weight:600;font-size:12px}}.quiet{{fill:{QUIET}}}"
    body = "\n".join(marks)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="How each objective pushes a group">\n<style>{style}</style>\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(draw(), encoding="utf-8")
