"""`itertl generate`: the best of what a chat API answers, judged by a reference or by agreement."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.sampling.fake_server import FakeServer
from typer.testing import CliRunner, Result

from itertl.cli.app import app
from itertl.commands import generate as generating
from itertl.errors import ServerError, UsageError
from itertl.outcome import Outcome
from itertl.records import Submission, Task, Verdict
from itertl.verify import verify

pytestmark = pytest.mark.usefixtures("kept_workers")

HEADER = "module gate(input a, input b, output y);"
AND, OR = "assign y = a & b;", "assign y = a | b;"
AND_TOO, BROKEN = "assign y = !(!a || !b);", "assign y = nowhere;"


def answers(*bodies: str) -> Any:
    """Return what a server says: one body after the other, by the seeds of the requests."""
    given = iter(bodies)
    return lambda body: {"content": f"```\n{HEADER}\n  {next(given)}\nendmodule\n```"}


def generate(server: FakeServer, *arguments: str, instruction: str = "an AND gate") -> Result:
    words = ["generate", instruction, "--server", server.url, "--model", "m", "--header", HEADER]
    return CliRunner().invoke(app, [*words, "--set", "server.concurrency=1", *arguments])


def test_without_a_reference_the_best_is_what_most_agree_on(tmp_path: Path) -> None:
    with FakeServer(len, chat=answers(OR, AND, BROKEN, AND_TOO)) as server:
        found = generate(server, "-n", "4", "--out", str(tmp_path / "gate.v"))
    assert found.exit_code == 0, found.output
    assert "3 of 4 candidates elaborate" in found.output
    assert "2 of 4 behave as it does; without --reference nothing says" in found.output
    assert (tmp_path / "gate.v").read_text().count("endmodule") == 1
    assert OR not in (tmp_path / "gate.v").read_text()


def test_without_a_reference_what_drives_nothing_or_prints_does_not_pass(tmp_path: Path) -> None:
    nothing, prints = "wire w = a & b;", 'assign y = a & b; initial $display("PASS");'
    with FakeServer(len, chat=answers(nothing, prints)) as server:
        found = generate(server, "-n", "2", "--json", "--out", str(tmp_path / "gate.v"))
    assert found.exit_code == 1, found.output
    rows = {row["code"].split("\n")[1].strip(): row for row in json.loads(found.stdout)["designs"]}
    assert {row["outcome"] for row in rows.values()} == {"rejected"}
    assert "never drives an output bit" in rows[nothing]["detail"]
    assert "prints" in rows[prints]["detail"]


@pytest.mark.parametrize("outcome", [Outcome.TOOL_ERROR, Outcome.UNSUPPORTED])
def test_a_tool_that_fails_refuses_no_design(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: Outcome) -> None:
    """A failing tool is told as such, and a design that nothing failed on comes first."""

    def fail(designs: list[Submission], tasks: list[Task], **_: Any) -> Iterator[Verdict]:
        failing = AND in designs[0].code and tasks[0].reference
        found = Verdict(tasks[0].id, designs[0].code_id, outcome, detail="vvp is gone")
        return iter([found]) if failing else verify(designs, tasks)

    monkeypatch.setattr(generating, "verify", fail)
    with FakeServer(len, chat=answers(AND, OR)) as server:
        found = generate(server, "-n", "2", "--json")
    rows = json.loads(found.stdout)["designs"]
    assert found.exit_code == 0, found.output
    assert [row["outcome"] for row in rows] == ["passed", outcome.value]
    assert rows[1]["detail"] == "vvp is gone"
    with FakeServer(len, chat=answers(AND)) as server:
        assert generate(server, "-n", "1").exit_code == (3 if outcome is Outcome.TOOL_ERROR else 1)


def test_with_a_reference_the_best_equals_it(tmp_path: Path) -> None:
    (tmp_path / "ref.v").write_text(f"{HEADER} {OR} endmodule")
    with FakeServer(len, chat=answers(AND, AND_TOO, OR)) as server:
        found = generate(server, "-n", "3", "--reference", str(tmp_path / "ref.v"), "--json")
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    assert (told["samples"], told["passed"]) == (3, True)
    assert [row["outcome"] for row in told["designs"]] == ["passed", "mismatch", "mismatch"]
    assert OR in told["designs"][0]["code"]


@pytest.mark.parametrize("reference", [True, False])
def test_where_nothing_passes_the_status_is_1_and_nothing_is_written(tmp_path: Path, reference: bool) -> None:
    (tmp_path / "ref.v").write_text(f"{HEADER} {OR} endmodule")
    more = ["--reference", str(tmp_path / "ref.v")] if reference else []
    with FakeServer(len, chat=answers(BROKEN, BROKEN)) as server:
        found = generate(server, "-n", "2", "--out", str(tmp_path / "gate.v"), *more)
    assert found.exit_code == 1, found.output
    assert not (tmp_path / "gate.v").exists()


def test_an_evaluation_of_a_served_model_needs_no_weights_and_says_what_it_could_not_check(tmp_path: Path) -> None:
    words = ["eval", "gym-test", "--limit", "2", "-n", "2", "--model", "m", "--out", str(tmp_path), "--no-quality"]
    with FakeServer(len, chat=answers(AND, AND, AND, AND)) as server:
        found = CliRunner().invoke(app, [*words, "--server", server.url])
        again = CliRunner().invoke(app, [*words, "--server", server.url])
        assert len(server.requests) == 4
    assert (found.exit_code, again.exit_code) == (0, 0), found.output
    settings = json.loads((tmp_path / "result.json").read_text())["settings"]
    assert settings["model"] == "m"
    assert "weights of the served model" in settings["unchecked"]
    assert CliRunner().invoke(app, ["eval", "gym-test", "--out", "x", "--server", "http://h"]).exit_code != 0


def test_answers_that_the_limit_cuts_off_are_counted(tmp_path: Path) -> None:
    words = ["eval", "gym-test", "--limit", "2", "-n", "2", "--model", "m", "--out", str(tmp_path), "--no-quality"]

    def fault(number: int, body: dict[str, Any]) -> str:
        return "length" if number == 1 else ""

    with FakeServer(len, chat=answers(AND, AND, AND, AND), fault=fault) as server:
        found = CliRunner().invoke(app, [*words, "--server", server.url])
    assert "1 of 4 answers were cut off at 2048 tokens; --max-new-tokens sets that limit" in found.output


def test_an_instruction_may_start_with_a_dash() -> None:
    with FakeServer(len, chat=answers(AND)) as server:
        found = generate(server, "-n", "1", instruction="- y is the AND of a and b")
        assert "- y is the AND of a and b" in server.requests[0]["messages"][-1]["content"]
    assert found.exit_code == 0, found.output


@pytest.mark.parametrize(("instruction", "header"), [(" ", HEADER), ("an AND gate", "module gate(input a")])
def test_words_that_ask_for_nothing_are_refused(instruction: str, header: str) -> None:
    with FakeServer(len) as server:
        found = generate(server, "--header", header, instruction=instruction)
        assert server.requests == []
    assert isinstance(found.exception, UsageError)


def test_a_server_that_is_away_or_refuses_ends_the_call_and_nothing_is_said_to_be_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("itertl.sampling.waiting.PATIENCE", 0.1)
    with FakeServer(len, fault=lambda number, body: "401") as server:
        found = generate(server, "-n", "2")
    assert isinstance(found.exception, ServerError)
    assert str(found.exception).endswith("the key is taken from the variable ITERTL_API_KEY")
    found = generate(server, "-n", "2")
    assert isinstance(found.exception, ServerError)
    assert str(found.exception).startswith(f"waited 0.1 s for {server.url}: connection refused; start")


def test_an_answer_in_prose_has_room_unless_a_config_says_how_much(tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text("sampling: {max_new_tokens: 320}")
    with FakeServer(len, chat=answers(AND, AND)) as server:
        once = generate(server, "-n", "1")
        generate(server, "-n", "1", "--config", str(tmp_path / "short.yaml"))
        assert [body["max_tokens"] for body in server.requests] == [2048, 320]
    assert "this one, drawn once: elaborates" in " ".join(once.output.split())


def test_a_text_without_a_module_is_not_shown_as_a_design() -> None:
    with FakeServer(len, chat=answers("<think>the gate has two inputs", "<think>the gate has two inputs")) as server:
        found = generate(server, "-n", "2")
    assert found.exit_code == 1
    assert "two inputs" not in found.output
    assert "0 of 2 candidates elaborate; the most frequent text, drawn 2 times" in " ".join(found.output.split())


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    with FakeServer(len) as server:
        found = generate(server, "--out", str(tmp_path / "no" / "gate.v"))
        assert server.requests == []
    assert found.exit_code != 0
