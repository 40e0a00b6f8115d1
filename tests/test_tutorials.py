"""Tutorials, how-to pages, README and notebook do what they say: their commands are run, and print what is shown.

The commands are those of the texts; where they train, on fewer tasks and with fewer steps.
"""

import contextlib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cocotb_here import LACKING
from tests.sampling.fake_server import FakeServer
from tests.shown import SCREEN, Block, run, shown, unprinted
from tests.warm import commands

ROOT = Path(__file__).parents[1]
OLLAMA, MODEL = "http://127.0.0.1:11434", "qwen2.5-coder:7b"
SMALLER = {
    "train: 100, dev: 20, test: 40": "train: 12, dev: 2, test: 4",
    "references: 40": "references: 8",
    "per_iteration: 60": "per_iteration: 4",
    "steps: 20": "steps: 2",
    "samples: 4, dev_samples: 2": "samples: 1, dev_samples: 1",
    "candidates: 4, max_new_tokens: 288": "candidates: 2, max_new_tokens: 40",
}
HOW_TO = sorted(path.name for path in (ROOT / "docs/how-to").glob("*.md"))


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PATH with this tree's `itertl` on it."""
    with commands(tmp_path_factory.mktemp("warm"), SCREEN) as path:
        yield path


def walk(path: Path, folder: Path, programs: str, instead: dict[str, str]) -> None:
    """Run all blocks of a document in one folder; at least one has to be there."""
    blocks = [block for block in shown(path) if not block.omitted]
    assert blocks
    for block in blocks:
        run(block, folder, programs, instead)


def answer_by_header(body: dict[str, Any]) -> dict[str, str]:
    """Return a module of the header that is asked for, whose outputs are 0."""
    asked = body["messages"][-1]["content"]
    found = re.search(r"module \w+\s*\(.*?\);", asked, flags=re.DOTALL)
    header = found[0] if found else "module m;"
    outputs = re.findall(r"output\s+(reg\b)?\s*(?:\[[^\]]*\]\s*)?(\w+)", header)
    zeros = [f"  {'initial' if variable else 'assign'} {name} = 0;\n" for variable, name in outputs]
    return {"content": f"```verilog\n{header}\n{''.join(zeros)}endmodule\n```"}


@pytest.mark.slow
def test_judging_a_model(tmp_path: Path, programs: str) -> None:
    answers = iter(["I cannot.", *[f"```verilog\n{text}```\n" for text in _answers()]])
    with FakeServer(len, model=MODEL, chat=lambda body: {"content": next(answers)}) as server:
        walk(ROOT / "docs/tutorials/judge-a-model.md", tmp_path, programs, {OLLAMA: server.url})
        assert len(server.requests) == 4
    assert "count + 1" in (tmp_path / "chat.v").read_text()
    assert (tmp_path / "waves.vcd").stat().st_size > 1000


def _answers() -> list[str]:
    head = "module events(input clk, input rst, input en, output reg [7:0] count);\n  always @(posedge clk)\n"
    steps = ["count - 1", "count + 1", "count + nothing"]
    return [f"{head}    if (rst) count <= 0; else if (en) count <= {step};\nendmodule\n" for step in steps]


@pytest.mark.slow
def test_training_a_model(tmp_path: Path, programs: str) -> None:
    text = (ROOT / "docs/tutorials/train-a-model.md").read_text()
    assert [words for words in SMALLER if words not in text] == []
    walk(ROOT / "docs/tutorials/train-a-model.md", tmp_path, programs, SMALLER)
    configs = {name: (tmp_path / f"runs/{name}/config.yaml").read_text() for name in ("first", "second")}
    assert configs["first"].replace("name: first", "name: second").replace(" rft\n", " mle\n") == configs["second"]
    assert "<html" in (tmp_path / "runs/first/report.html").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("name", HOW_TO)
def test_how_to(tmp_path: Path, programs: str, name: str) -> None:
    if LACKING and name == "cocotb.md":
        pytest.skip(LACKING)
    with FakeServer(len, model=MODEL, chat=answer_by_header) as server:
        walk(ROOT / "docs/how-to" / name, tmp_path, programs, {OLLAMA: server.url})


@pytest.mark.slow
def test_the_design_of_the_readme_is_generated(tmp_path: Path, programs: str) -> None:
    (block,) = [block for block in shown(ROOT / "README.md") if block.commands.startswith("itertl generate")]
    run(
        Block(
            block.place, block.commands, printed=("... of 8 candidates elaborate...", "... of 8 behave as it does...")
        ),
        tmp_path,
        programs,
    )


def test_the_notebook_runs_and_keeps_no_outputs() -> None:
    cells = json.loads((ROOT / "docs/notebooks/verdicts.ipynb").read_text())["cells"]
    programs = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["outputs"] for cell in programs] == [[]] * len(programs)
    values: dict[str, Any] = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for cell in programs:
            exec("".join(cell["source"]), values)
    assert list(values["outcomes"].values()) == ["passed", "mismatch", "rejected", "empty"]
    assert values["scores"]["right, in other words"] == 1.0 > values["scores"]["shifts the wrong way"] > 0.0
    assert "right, in other words: passed" in printed.getvalue()


def test_blocks_are_read_with_status_output_and_reason(tmp_path: Path) -> None:
    text = "```sh\na\n```\n\n<!-- exit status 1 -->\n```sh\nb\n```\n\n```text\nsaid ... here\n```\n\n"
    text += "````sh\nc\n```\nd\n````\n\n<!-- not run: no GPU -->\n```sh\ne\n```\n\n```python\nf\n```\n\n"
    text += "```text\ng\n```\n"
    (tmp_path / "t.md").write_text(text)
    assert shown(tmp_path / "t.md") == [
        Block("t.md:1", "a\n"),
        Block("t.md:6", "b\n", status=1, printed=("said ... here",)),
        Block("t.md:14", "c\n```\nd\n"),
        Block("t.md:21", "e\n", omitted="no GPU"),
    ]
    (tmp_path / "t.md").write_text("<!-- no idea -->\n```sh\na\n```\n")
    with pytest.raises(ValueError, match=r"t\.md:2: expected 'not run: WHY' or 'exit status N', found 'no idea'"):
        shown(tmp_path / "t.md")


def test_a_block_that_ends_or_prints_otherwise_is_found(tmp_path: Path) -> None:
    run(Block("t.md:1", "echo one; echo two >&2; exit 3\n", status=3, printed=("one", "...", "t...o")), tmp_path)
    with pytest.raises(AssertionError, match=r"t\.md:1:\nfalse"):
        run(Block("t.md:1", "false\n"), tmp_path)
    with pytest.raises(AssertionError, match=r"t\.md:1 shows 'one', found:\ntwo\none more"):
        run(Block("t.md:1", "echo two; echo one more\n", printed=("one",)), tmp_path)
    assert unprinted(("b", "a"), ["a", "b"]) == "a"
