"""How instructions are put together: every part there, names never taken for words, articles right, much variety."""

import random
import re
from collections import Counter
from itertools import chain, islice

import pytest

from itertl.tasks import gym
from itertl.tasks.gym import naming, splits
from itertl.tasks.gym.compose import compose
from itertl.tasks.gym.design import Design, Form, Names, Telling, inp, out
from itertl.tasks.gym.naming import say
from itertl.tasks.gym.wording import FOUND, TERMS, articles, reword

DESIGN = Design(
    ports=(inp(1, "«clk»"), inp(8, "«a»"), out(8, "«y»")),
    body="assign «y» = «a»;\nalways @(posedge «clk») begin end\n",
    texts=("On the rising edge of «clk», «y» copies «a». It holds otherwise.", "- «y» is «a»\n- «clk» is the clock"),
    reset=("Reset with «a».", "«a» resets."),
)
NAMES = Names(module="copy", clk="clk", a="in", y="sum")


def test_an_instruction_names_every_port_and_tells_the_reset() -> None:
    for seed in range(200):
        for telling in (*DESIGN.tellings, Telling(Form.TABLE, "«a» | «y»\n0 | 0\n«clk»")):
            text = compose(telling, DESIGN, NAMES, random.Random(seed))
            assert re.search(r"[Rr]eset", text)
            assert all(re.search(rf"\b{name}\b", text) for name in ("in", "sum", "clk"))
            assert "«" not in text
            assert text == text.strip()


def test_a_text_with_chance_gets_the_real_names() -> None:
    telling = Telling(Form.WAVEFORM, lambda names, rng: f"{names.y:>6}: {rng.choice('01')}\n{names.a:>6}: 1")
    texts = {compose(telling, DESIGN, NAMES, random.Random(seed)) for seed in range(30)}
    assert all("   sum: " in text and "    in: 1" in text for text in texts)


def test_a_name_that_is_also_a_word_of_the_text_stands_in_quotes() -> None:
    for seed in range(30):
        text = say("«y» is the sum of «a» and 1, and «a»[3:0] counts", NAMES, random.Random(seed))
        assert re.match(r"(['\"`])sum\1 is the sum of (['\"`])in\2 and 1, and (['\"`])in\[3:0\]\3", text)
    plain = {say("«y» equals «clk»", NAMES, random.Random(seed)) for seed in range(60)}
    assert "sum equals clk" in plain
    assert all("in" not in say("«a»", NAMES, random.Random(seed)).split() for seed in range(60))


@pytest.mark.parametrize(
    ("found", "right"),
    [
        ("a 8-bit", "an 8-bit"),
        ("A 11-bit", "An 11-bit"),
        ("a 18 bit", "an 18 bit"),
        ("a 80-bit", "an 80-bit"),
        ("an 8-bit", "an 8-bit"),
        ("a 16-bit", "a 16-bit"),
        ("a 110-bit", "a 110-bit"),
        ("of data 8 bits", "of data 8 bits"),
    ],
)
def test_articles(found: str, right: str) -> None:
    assert articles(f"It is {found} thing") == f"It is {right} thing"


def test_terms_are_drawn_among_equivalent_ones() -> None:
    assert len({reword("It holds if «a» is 1.", random.Random(seed)) for seed in range(60)}) > 10
    assert all(len(set(terms)) > 1 for terms in TERMS.values())


def test_the_longest_term_that_stands_alone_is_replaced() -> None:
    for term in TERMS:
        assert FOUND.split(f"and {term} q") in (["and ", term, " q"], ["and ", f"{term} q", ""]), term
        assert FOUND.split(f"x{term}")[:2] != ["x", term], term
    assert FOUND.split("it holds; itholds holdsq ⟦a¦is 1⟧") == ["it ", "holds;", " itholds holdsq ", "⟦a¦is 1⟧", ""]


def test_words_of_a_text_are_found_where_digits_stand_before_them() -> None:
    rng = random.Random(2)
    parts = ("sum", "q_out", "3state", "_x", "4'b0", "00ab", "a[3]", "in", "x0y", "9", "_", "1_b", "->", "µin", "é")
    for _ in range(300):
        text = "".join(rng.choice(parts) + rng.choice(("", " ", ",", "\n")) for _ in range(6))
        found = {word for word in naming._words(text) if "a" <= word[0] <= "z"}
        assert found == set(naming.WORD.findall(text)), text


# families with a rule that has one wording so far; none may join them
ONE_WORDING = {"arbiter_n", "branch_unit", "instruction_decoder", "register_bank"}
TEXTS = 60  # of each family
OFTEN = 2 / 3  # of them: what is worded in two ways stands in half, give or take 2.6 standard deviations of 60 draws


def _grams(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z]+", re.sub(r"\b\d+\b", "", text.lower()))
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


def test_no_five_words_carry_a_family() -> None:
    counts = {name: Counter(gram for text in _texts(name) for gram in _grams(text)) for name in gym.FAMILIES}
    families = Counter(gram for found in counts.values() for gram in found)
    own = {
        name: max((count, " ".join(gram)) for gram, count in found.items() if families[gram] == 1)
        for name, found in counts.items()
    }
    carried = {name: found for name, found in own.items() if found[0] > OFTEN * TEXTS}
    assert carried.keys() == ONE_WORDING, carried


def _texts(name: str) -> list[str]:
    """Return instructions of a family, in all its forms; from several seeds where a split has few designs."""
    split = "unseen" if gym.FAMILIES[name].held_out else "base"
    streams = (splits.stream(split, seed, [gym.FAMILIES[name]]) for seed in range(1, 100))
    return [task.instruction for task in islice(chain.from_iterable(streams), TEXTS)]


def test_lengths_spread() -> None:
    lengths = sorted(len(task.instruction.split()) for task in gym.generate("base", 4000, 2))
    assert lengths[40] <= 20
    assert lengths[-40] >= 110
