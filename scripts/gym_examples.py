"""One example for each form in which the gym tells a design, as a page.

python -m scripts.gym_examples           writes docs/gym-examples.md
python -m scripts.gym_examples --check   exit status 1 if the page is not what the gym makes
"""

import argparse
import functools
import sys
from itertools import islice
from pathlib import Path

from itertl.records import Task
from itertl.tasks import gym
from itertl.tasks.gym.design import HELD_FORMS, Form
from itertl.tasks.gym.splits import stream

PAGE = Path("docs/gym-examples.md")
SEARCHED = 80  # tasks of a family, until one of the form comes
HEAD = """# Examples of the gym

One task for each form in which the gym tells a design; [gym](gym.md) says what the forms and splits are for. Written by
`python -m scripts.gym_examples`. Each is the shortest of a family's first tasks in that form.
"""


def page() -> str:
    """Return the page as Markdown."""
    sections = [_section(form, task) for form in Form if (task := _example(form)) is not None]
    return HEAD + "".join(sections)


def _example(form: Form) -> Task | None:
    """Return the shortest task of a form among the first of the first family that has one."""
    split = "unseen" if form in HELD_FORMS else "base"
    for _, family in sorted(gym.FAMILIES.items(), key=lambda item: (item[1].held_out, item[0])):
        if family.held_out and form not in HELD_FORMS:
            continue
        if found := [task for task in _first(split, family.name) if f"form:{form}" in task.tags]:
            return min(found, key=lambda task: len(task.instruction + task.reference))
    return None


@functools.cache
def _first(split: str, family: str) -> tuple[Task, ...]:
    """Return the first tasks of a family in a split."""
    return tuple(islice(stream(split, 1, [gym.FAMILIES[family]]), SEARCHED))


def _section(form: Form, task: Task) -> str:
    where = "only in `unseen`" if form in HELD_FORMS else "trained"
    fence = "````" if "```" in task.instruction else "```"
    return (
        f"\n## {form}\n\nFamily `{task.tags[0].removeprefix('family:')}`, form {where}.\n\n"
        f"{fence}text\n{task.instruction}\n{fence}\n\n```verilog\n{task.reference}```\n"
    )


def main() -> int:
    """Write the page, or with --check compare it."""
    parser = argparse.ArgumentParser(description="examples of the gym, one a form")
    parser.add_argument("--check", action="store_true", help="compare with the page instead of writing it")
    text = page()
    if parser.parse_args().check:
        return int(PAGE.read_text() != text)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
