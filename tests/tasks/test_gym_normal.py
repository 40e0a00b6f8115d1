"""Designs that differ in names, layout or spelling of constants are one design to the splits, and others are not."""

import random
import re

from itertl.tasks import gym
from itertl.tasks.gym.naming import draw_names, fill
from itertl.tasks.gym.normal import KEYWORDS, design_digest, normal
from itertl.tasks.gym.sources import some_design

ONE = ("module f(input [3:0] a, output y);", "wire t;\nassign t = a == 4'd10;\nassign y = ~t;")


def test_names_layout_and_spelling_of_constants_are_removed() -> None:
    other = "module g(input [3:0] word, output odd);", "wire s; assign s = word == 4'b1010; assign odd = ~s;"
    assert normal(" ".join(ONE)) == normal(" ".join(other))
    assert normal(" ".join(ONE)) == normal(" ".join(ONE).replace("4'd10", "4'ha"))


def test_what_a_design_does_is_kept() -> None:
    code = " ".join(ONE)
    for old, new in (("4'd10", "4'd11"), ("4'd10", "5'd10"), ("~t", "t"), ("[3:0]", "[4:0]"), ("a ==", "a !=")):
        assert normal(code) != normal(code.replace(old, new)), (old, new)
    assert normal("a = b - c;") != normal("a = c - a;")
    assert normal("q <= a;") != normal("q < = a;")
    assert normal("always @(posedge c)") != normal("always @(negedge c)")


def test_marks_and_real_names_have_one_digest() -> None:
    for family in gym.FAMILIES.values():
        entry = some_design(family)
        for seed in range(3):
            names = draw_names(family, entry.combination, random.Random(seed))
            ports = tuple(fill(port, names) for port in entry.design.ports)
            assert design_digest(ports, fill(entry.design.body, names)) == entry.digest, (family.name, names)


def test_bodies_hold_no_name_that_is_not_drawn() -> None:
    """A name that a family writes itself could be the same as a drawn one."""
    for family in gym.FAMILIES.values():
        design = some_design(family).design
        free = re.sub(r"«\w+»\w*|\d+'[bdh][0-9a-fxz]+|\$\w+|\bu\d\b", "", " ".join(design.ports) + design.body)
        assert set(re.findall(r"[a-z_]\w*", free)) <= KEYWORDS, family.name
