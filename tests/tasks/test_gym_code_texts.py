"""Tasks with code: one defect or some gaps in the reference, the behaviour beside it, and no reference given away."""

import random

from itertl.tasks import gym
from itertl.tasks.gym.code_texts import GAPS, code_tellings
from itertl.tasks.gym.design import Form
from itertl.tasks.gym.naming import draw_names, fill
from itertl.tasks.gym.sources import some_design

REPAIR, COMPLETE = 0, 1


def _told(family: str, which: int, seed: int) -> tuple[str, str]:
    """Return a text with code, and the body of the reference."""
    entry = some_design(gym.FAMILIES[family])
    names = draw_names(gym.FAMILIES[family], entry.combination, random.Random(seed))
    text = code_tellings(entry.design, lambda names, rng: "q = 1")[which].text
    assert not isinstance(text, str)
    return text(names, random.Random(seed)), fill(entry.design.body, names)


def test_the_reference_itself_is_not_in_the_text() -> None:
    for family in ("counter", "fifo", "mux", "demux", "alu", "traffic_light"):
        for which in (REPAIR, COMPLETE):
            texts = [_told(family, which, seed) for seed in range(20)]
            assert all(body not in text for text, body in texts), family
            assert len({text for text, _ in texts}) == 20


def test_gaps_stand_for_right_hand_sides() -> None:
    for seed in range(20):
        text, body = _told("counter", COMPLETE, seed)
        assert sum(text.count(gap) for gap in GAPS) >= 1
        assert text.count(";\n") >= body.count(";\n")


def test_families_of_prose_are_told_by_code_too() -> None:
    forms = {telling.form for telling in some_design(gym.FAMILIES["counter"]).tellings}
    assert forms == {Form.PROSE, Form.CODE_TO_REPAIR, Form.CODE_TO_COMPLETE}
    tasks = gym.generate("base", 2000, 3)
    for form in (Form.CODE_TO_REPAIR, Form.CODE_TO_COMPLETE):
        assert sum(f"form:{form}" in task.tags for task in tasks) > 60
