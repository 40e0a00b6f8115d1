"""The documents about the gym: every form is explained, and the examples are what the gym makes."""

import re
from pathlib import Path

from scripts import gym_examples

from itertl.tasks.gym.design import HELD_FORMS, Form

ROOT = Path(__file__).parents[2]


def test_the_page_of_examples_is_what_the_gym_makes() -> None:
    assert (ROOT / gym_examples.PAGE).read_text() == gym_examples.page(), "run python -m scripts.gym_examples"


def test_every_form_is_explained_with_its_split() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| [^|]+ \| (trained|`unseen`) \|$", (ROOT / "docs/gym.md").read_text(), re.MULTILINE
    )
    assert {form: split == "`unseen`" for form, split in rows} == {form: form in HELD_FORMS for form in Form}


def test_every_form_that_a_family_tells_has_an_example() -> None:
    shown = re.findall(r"^## (\w+)$", (ROOT / gym_examples.PAGE).read_text(), re.MULTILINE)
    assert len(shown) >= 12
    assert set(shown) <= set(Form)
