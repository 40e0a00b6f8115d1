"""Places that a user names for what is written: one that takes no file is refused before work starts."""

import json
import os
import shlex
from pathlib import Path

import pytest
from tests.cli.program import itertl

from itertl.commands.outputs import DESIGN, PAGE, ROWS, WAVES, Kind, check_folder, check_output, check_results
from itertl.errors import UsageError


def test_a_file_that_can_be_written_is_taken_and_left_as_it_is(tmp_path: Path) -> None:
    held = tmp_path / "held.v"
    held.write_text('{"before": 1}')
    for path in (None, held, tmp_path / "new.v"):
        check_output(path, ROWS)
    assert held.read_text() == '{"before": 1}'
    assert [path.name for path in tmp_path.iterdir()] == ["held.v"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/proc/x.v", "/proc/x.v cannot be written: /proc takes no file"),
        ("absent/x.v", "absent/x.v cannot be written: expected a file in a folder that exists"),
        (".", "it is a directory; expected a file"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused(
    path: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=message):
        check_output(Path(path), DESIGN)


def test_a_pipe_is_taken_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null")):
        check_output(path, DESIGN)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (None, tmp_path, tmp_path / "a" / "b"):
        check_folder(path)
    for wrong, said in (("/proc/a/b", "/proc is no folder that can be written to"), (str(tmp_path / "file"), "a file")):
        with pytest.raises(UsageError, match=said):
            check_folder(Path(wrong))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("kind", "own", "other"),
    [
        (ROWS, '{"id": 1}\n', "module m; endmodule\n"),
        (WAVES, "$comment itertl verify $end\n", "`timescale 1ns/1ns\nmodule tb; endmodule\n"),
        (PAGE, "<!DOCTYPE html>\n", "{}"),
        (DESIGN, "", "module m; endmodule\n"),
    ],
)
def test_a_file_is_replaced_by_its_like_alone(kind: Kind, own: str, other: str, tmp_path: Path) -> None:
    path = tmp_path / "held"
    for text in (own, ""):
        path.write_text(text)
        check_output(path, kind)
    path.write_text(other)
    with pytest.raises(UsageError, match="and is kept; give another name"):
        check_output(path, kind)


def test_a_file_that_is_read_is_not_written_whatever_it_is_called(tmp_path: Path) -> None:
    rows, link, twin = (tmp_path / name for name in ("rows.jsonl", "link.jsonl", "twin.jsonl"))
    rows.write_text("{}")
    link.symlink_to(rows)
    twin.hardlink_to(rows)
    for path in (rows, link, twin, tmp_path / "no" / ".." / "rows.jsonl"):
        with pytest.raises(UsageError, match="the same command reads it"):
            check_output(path, ROWS, (None, tmp_path / "other", rows))


TOP = "module top(input a, output y); assign y = a; endmodule\n"
REFUSED = [
    "verify answer.txt --reference ref.v --vcd ref.v",
    "verify answer.txt --reference ref.v --vcd answer.txt",
    "verify answer.txt --reference ref.v --testbench tb.v --vcd tb.v",
    "verify answer.txt --filelist files.f --vcd files.f",
    "verify answer.txt --filelist files.f --vcd ref.v",
    "verify answer.txt --reference rtl --vcd rtl/top.v",
    "verify answer.txt --reference ref.v --vcd other.v",
    "generate words --model m --header 'module m;' --out other.v",
    "generate words --model m --reference ref.v --out ref.v",
    "generate words --model m --header 'module m;' --config config.yaml --out config.yaml",
    "data filter rows.jsonl --out rows.jsonl",
    "data filter rows.jsonl --out fit.jsonl --dropped rows.jsonl",
    "data filter rows.jsonl --out fit.jsonl --dropped ./fit.jsonl",
    "data filter rows.jsonl --out other.v",
    "data convert rows.jsonl --out rows.jsonl",
    "data convert file:rows.jsonl --out rows.jsonl",
    "data convert rows.jsonl --out other.v",
    "gym export --count 1 --out other.v",
    "audit rows.jsonl tasks.jsonl --out tasks.jsonl",
    "audit rows.jsonl file:tasks.jsonl --out rows.jsonl",
    "mutate mutants/000_const.v --out mutants",
    "mutate ref.v --testbench mutants/000_const.v --out ./mutants",
    "verify --candidates rows.jsonl --tasks tasks.jsonl --out rows.jsonl",
    "verify --candidates rows.jsonl --tasks tasks.jsonl --out tasks.jsonl",
    "verify --candidates out.jsonl.partial --tasks tasks.jsonl --out out.jsonl",
    "verify --candidates rows.jsonl --tasks tasks.jsonl --out other.v",
    "suites selftest file:benched.jsonl --out benched.jsonl",
]


@pytest.mark.parametrize("call", REFUSED)
def test_no_command_writes_over_what_it_reads_or_over_a_design(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    row = {"id": "t", "task_id": "t", "completion": TOP, "instruction": "i", "reference": TOP, "header": "module top;"}
    texts = dict.fromkeys(("answer.txt", "ref.v", "other.v", "tb.v", "rtl/top.v", "mutants/000_const.v"), TOP)
    texts |= {"files.f": "ref.v\n", "config.yaml": "sampling: {max_new_tokens: 9}\n"}
    texts |= dict.fromkeys(("rows.jsonl", "tasks.jsonl", "out.jsonl.partial"), json.dumps(row) + "\n")
    texts["benched.jsonl"] = json.dumps(row | {"testbench": "module tb; top t(); endmodule"}) + "\n"
    for name, text in texts.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)
    found = itertl(*shlex.split(call))
    assert found.returncode == 2, found.stderr
    said = ("the same command reads it", "and is kept", "a mutant could replace", "choose another --out")
    assert any(words in found.stderr for words in said)
    assert {str(p): p.read_text() for p in Path().rglob("*") if p.is_file()} == texts


def test_the_folder_of_an_evaluation_may_hold_logs_and_nothing_else(tmp_path: Path) -> None:
    for name in ("log", "slurm-12.out", "eval.log", ".gitkeep"):
        (tmp_path / name).touch()
    check_results(tmp_path)
    (tmp_path / "block.v").touch()
    with pytest.raises(UsageError, match=r"holds other things \(block\.v\)"):
        check_results(tmp_path)
