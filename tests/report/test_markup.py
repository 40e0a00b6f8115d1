import json

import pytest

from itertl.report.markup import Markup, element, embed, escape, join, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext", "plain\n\ttext"),
        ("a\x00b\x1bc", "a⟨U+0000⟩b⟨U+001B⟩c"),
        ("evil\u202etxt", "evil⟨U+202E⟩txt"),
        ("a\u2028b\u200bc", "a⟨U+2028⟩b⟨U+200B⟩c"),
        ("half \ud800", "half ⟨U+D800⟩"),
        ("Zähler ≥ 中", "Zähler ≥ 中"),
        ("one\r\ntwo", "one\ntwo"),
    ],
)
def test_hidden_characters_are_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_children_and_attributes_are_escaped_once() -> None:
    inner = element("b", "<i>&")
    assert inner == "<b>&lt;i&gt;&amp;</b>"
    assert element("p", inner, '"quoted"') == "<p><b>&lt;i&gt;&amp;</b>&quot;quoted&quot;</p>"
    assert element("a", href='"><script>') == '<a href="&quot;&gt;&lt;script&gt;"></a>'
    assert escape(Markup("<br>")) == "<br>"
    assert join(["<", Markup("<hr>")]) == "&lt;<hr>"


def test_attribute_names_and_numbers() -> None:
    assert element("line", x1=1.0, y1=2.345, class_="rule", aria_hidden="true", href=None) == (
        '<line x1="1" y1="2.35" class="rule" aria-hidden="true"/>'
    )


def test_embedded_json_cannot_leave_its_element() -> None:
    value = {"code": "</script><script>alert(1)</script><!-- & \u2028 \ud800"}
    text = embed(value, "data")
    assert text.count("<") == 2
    assert text.isascii()
    assert json.loads(text[text.index(">") + 1 : text.rindex("<")]) == value
