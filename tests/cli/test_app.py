"""The command line as a user meets it: results, and one clear sentence with the right exit status for each fault."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.cli.program import itertl
from tests.report.synthetic_evaluation import write_evaluation

from itertl.cli.app import app, main
from itertl.disk.rows import read_rows
from itertl.errors import MissingToolError
from itertl.records import Task
from itertl.tasks import gym

pytestmark = pytest.mark.usefixtures("kept_workers")

MINI = """
name: mini
iterations: 1
tasks: {gym: {train: 6, dev: 3, test: 3}, references: 3}
policy: {path: embedded}
sampling: {candidates: 2, batch_size: 12, max_new_tokens: 40}
training: {learning_rate: 3.0e-4, groups_per_step: 2}
evaluation: {samples: 1, dev_samples: 1, suites: [gym-test]}
verify: {workers: 1}
"""
TOLD = {"events.jsonl", "foreseen.jsonl"}  # what happens and is about to happen, not what has come out


def alone(*args: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, on a terminal 200 columns wide."""
    return subprocess.run(
        [sys.executable, "-m", "itertl", *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "200"},
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(MINI)
    return path


def test_help_is_there_and_does_not_import_torch() -> None:
    told = alone("--help").stdout
    assert "report" in told
    assert "130 interrupted" in " ".join(told.split())
    assert alone("--version").stdout == f"itertl {version('itertl')}\n"
    code = "import sys, itertl, itertl.cli.app; print([m for m in ('torch', 'transformers') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_command_has_its_help_under_h() -> None:
    def words(command: Any, path: list[str]) -> Iterator[list[str]]:
        yield path
        for name, inner in getattr(command, "commands", {}).items():
            yield from words(inner, [*path, name])

    for path in words(typer.main.get_command(app), []):
        short, long = itertl(*path, "-h"), itertl(*path, "--help")
        assert (short.returncode, short.stdout) == (0, long.stdout), path
        assert "Usage:" in short.stdout, path


def test_the_shell_completes_commands_and_options() -> None:
    found = itertl(_ITERTL_COMPLETE="complete_bash", COMP_WORDS="itertl ver", COMP_CWORD="1")
    assert found.stdout.split() == ["verify", "verify-worker"]
    assert "--install-completion" in itertl("--help").stdout


@pytest.mark.slow
def test_a_run_goes_through_and_is_found_complete_the_second_time(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    first = alone("run", config, "--out", out)
    assert first.returncode == 0, first.stderr
    assert "gym-test" in first.stdout
    assert "report.html" in first.stdout
    stamps = {path: path.stat().st_mtime_ns for path in out.rglob("*.jsonl") if path.name not in TOLD}
    assert len(stamps) == 14
    assert "pass@1" in itertl("run", config, "--out", out).stdout
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps

    changed = itertl("run", config, "--out", out, "--set", "sampling.candidates=3")
    assert changed.returncode == 2
    assert "sampling.candidates: 2 -> 3" in changed.stderr

    outcome = itertl("report", out)
    assert outcome.returncode == 0
    assert (out / "report.html").stat().st_size > 10_000

    made = itertl("generate", "a 4-bit up counter", "--model", out, "-n", "2", "--header", "module c(input clk);")
    assert made.returncode == (1 if "0 of 2 candidates" in made.stdout else 0), made.stderr
    assert "of 2 candidates elaborate" in made.stdout


@pytest.mark.slow
def test_until_and_limit(config: Path, tmp_path: Path) -> None:
    found = itertl("run", config, "--out", tmp_path / "run", "--until", "iter_01/verdicts", "--limit", "2")
    assert found.returncode == 0, found.stderr
    assert "stopped after iter_01/verdicts.jsonl" in found.stdout
    assert len((tmp_path / "run/tasks.jsonl").read_text().splitlines()) == 4
    assert not (tmp_path / "run/iter_01/policy").exists()


@pytest.mark.slow
def test_rows_of_a_file_are_tasks_too(config: Path, tmp_path: Path) -> None:
    rows = [
        {"Instruction": task.instruction, "Input": task.header, "Response": [task.reference]}
        for task in gym.generate("train", 5, 3)
    ]
    rows.append({"Instruction": "broken", "Input": "", "Response": ["module m(output y); missing u(y); endmodule"]})
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = itertl(
        "run", config, "--out", tmp_path / "run", "--set", f"tasks.file={file}", "--set", "evaluation.suites=[]"
    )
    assert found.returncode == 0, found.stderr
    assert len((tmp_path / "run/tasks.jsonl").read_text().splitlines()) == 5
    assert "does not elaborate alone" in (tmp_path / "run/log.txt").read_text()


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["--set", "sampling.temprature=1"], 2, "did you mean 'temperature'"),
        (["--set", "policy.path=/no/such/model"], 2, "there is no model '/no/such/model'"),
        (["--set", "tasks.file=absent.jsonl"], 2, "absent.jsonl does not exist"),
        (["--set", "score=nothing"], 2, "no score is called 'nothing'"),
        (["--set", "score=absent.module:f"], 2, "the score 'absent.module:f' cannot be loaded"),
        (["--set", "evaluation.suites=[gym-best]"], 2, "there is no suite 'gym-best'"),
        (
            ["--until", "nonsense", "--set", "iterations=0", "--set", "evaluation.suites=[]"],
            2,
            "there is no such stage; this run has tasks, ",
        ),
    ],
)
def test_faults_are_one_sentence(
    config: Path, tmp_path: Path, arguments: list[str], status: int, sentence: str
) -> None:
    found = itertl("run", config, "--out", tmp_path / "run", "--limit", "1", *arguments)
    assert sentence in found.stderr, found.stderr + found.stdout
    assert found.returncode == status
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "holds no rows"),
        ("{}\n", "expected the fields"),
        ("not json\n", "rows.jsonl:1: not valid JSON"),
        ('{"instruction": "x", "reference": "module m(output y); gone u(y); endmodule"}\n', "is fit to train on"),
    ],
)
def test_files_without_usable_tasks_are_named(config: Path, tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(text)
    found = itertl("run", config, "--out", tmp_path / "run", "--set", f"tasks.file={file}")
    assert sentence in found.stderr, found.stderr
    assert found.returncode == 2


def test_missing_simulator_is_one_sentence_with_the_cure(config: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    found = itertl("run", config, "--out", tmp_path / "run", PATH=str(tmp_path / "bin"))
    assert found.returncode == 3
    assert "iverilog" in found.stderr
    assert "apt-get install iverilog" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_full_disk_is_one_sentence(config: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/events.jsonl").symlink_to("/dev/full")
    found = itertl("run", config, "--out", tmp_path / "run", "--until", "tasks")
    assert found.returncode == 3
    assert "No space left on device" in found.stderr
    assert "Traceback" not in found.stderr
    (tmp_path / "run/events.jsonl").unlink()
    assert itertl("run", config, "--out", tmp_path / "run", "--until", "tasks").returncode == 0


def test_a_missing_config_is_a_usage_error(tmp_path: Path) -> None:
    found = itertl("run", tmp_path / "none.yaml")
    assert found.returncode == 2
    assert "there is no config" in found.stderr


def test_report_of_something_else_is_a_usage_error(tmp_path: Path) -> None:
    found = itertl("report", tmp_path)
    assert found.returncode == 2
    assert "is not a run directory" in " ".join(found.stderr.split())
    assert "the --out of an `itertl eval`" in " ".join(found.stderr.split())


def test_report_of_an_evaluation_writes_a_page_for_each_setting(tmp_path: Path) -> None:
    for name in ("temperature-0.2", "temperature-0.8"):
        write_evaluation(tmp_path / name, problems=3, samples=2)
    found = itertl("report", tmp_path)
    assert found.returncode == 0
    for name in ("temperature-0.2", "temperature-0.8"):
        assert f"report: {tmp_path / name / 'report.html'}" in found.stdout
        assert (tmp_path / name / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"task_id": "x", "completion": ""}', "there is no task 'x'"),
        ('{"id": 1}', "expected text for task_id and completion"),
        ("{", "not valid JSON"),
        ("", "holds no rows"),
    ],
)
def test_a_refused_evaluation_leaves_nothing_behind(line: str, sentence: str, tmp_path: Path) -> None:
    rows, out = tmp_path / "rows.jsonl", tmp_path / "out"
    rows.write_text(line)
    found = itertl("eval", "gym-test", "--candidates", rows, "--out", out)
    assert (found.returncode, sentence in found.stderr) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


@pytest.mark.parametrize("drawn", [["--candidates", "rows.jsonl"], ["--model", "m", "--server", "http://127.0.0.1:9"]])
def test_an_evaluation_goes_into_no_file_and_no_folder_of_others(
    drawn: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.jsonl").write_text('{"task_id": "x", "completion": ""}\n')
    for out, sentence in (("rows.jsonl", "it is a file"), (".", "holds other things (rows.jsonl)")):
        found = itertl("eval", "gym-test", *drawn, "--out", out)
        assert (found.returncode, sentence in found.stderr) == (2, True), found.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


@pytest.mark.parametrize(
    "command",
    [
        ["gym", "--family", "counter"], ["gym", "stats"], ["gym", "export", "--out", "rows.jsonl"], ["mutate", "ref.v"],
        ["generate", "an adder", "--model", "m"], ["eval", "m"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_seed_is_negative(command: list[str]) -> None:
    found = itertl(*command, "--seed", "-4")
    assert found.returncode == 2
    assert "'--seed'" in found.stderr
    assert "greater than or equal to 0" in found.stderr


def test_gym_lists_shows_and_exports(tmp_path: Path) -> None:
    assert f"{len(gym.FAMILIES)} families" in itertl("gym").stdout
    shown = itertl("gym", "--family", "counter", "--seed", "3").stdout
    assert "endmodule" in shown
    out = tmp_path / "tasks.jsonl"
    assert itertl("gym", "export", "--out", out, "--split", "dev", "--count", "7", "--seed", "2").returncode == 0
    assert [Task.from_dict(row) for row in read_rows(out)] == gym.generate("dev", 7, 2)
    unknown = itertl("gym", "--family", "nothing")
    assert unknown.returncode == 2
    assert "nothing" in unknown.stderr


def test_places_that_cannot_be_written_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    reasons = {tmp_path: "it is a directory; expected a file", tmp_path / "file/x.jsonl": "expected a file in a folder"}
    for place, reason in reasons.items():
        found = itertl("gym", "export", "--out", place, "--count", "1")
        assert found.returncode == 2
        assert found.stderr.startswith(f"error: {place} cannot be written: {reason}")


@pytest.mark.slow
def test_a_suite_in_a_directory_is_measured(data: Path, tmp_path: Path) -> None:
    small = tmp_path / "spec"
    small.mkdir()
    for path in sorted((data / "verilog-eval-v2/dataset_spec-to-rtl").glob("Prob00[1-4]*")):
        shutil.copy(path, small)
    settings = ("--model", "embedded", "-n", "1", "--temperature", "0", "--max-new-tokens", "40")
    found = itertl("eval", small, "--out", tmp_path / "out", *settings)
    assert found.returncode == 0, found.stderr
    assert "verilogeval-v2-spec-to-rtl: 4 problems, 1 sample each" in found.stdout
    assert "pass@1" in found.stdout


@pytest.mark.slow
def test_a_policy_of_a_run_is_measured_as_it_was_trained(config: Path, tmp_path: Path) -> None:
    values = ["policy.prompt=Do {header}", "seed=5", "iterations=0", "evaluation.suites=[]"]
    run = tmp_path / "run"
    found = itertl("run", config, "--out", run, *(part for value in values for part in ("--set", value)))
    assert found.returncode == 0, found.stderr
    for place in (run, run / "iter_00" / "policy"):
        out = tmp_path / f"eval-{place.name}"
        measured = ("eval", "gym-test", "--model", place, "--out", out, "-n", "1", "--limit", "2")
        found = itertl(*measured, "--preset", "greedy", "--max-new-tokens", "40")
        assert found.returncode == 0, found.stderr
        result = json.loads((out / "result.json").read_text())
        assert result["settings"]["prompt"] == "Do {header}"
        assert (result["settings"]["seed"], result["settings"]["temperature"]) == (5, 0.0)
        tasks = gym.generate("test", 2, 5)
        assert list(result["strict"]["per_problem"]) == [task.id for task in tasks]
        candidate = next(read_rows(out / "gym-test" / "candidates.jsonl"))
        assert candidate["prompt"] == "Do " + next(t.header for t in tasks if t.id == candidate["task_id"])


@pytest.mark.slow
def test_a_preset_of_several_temperatures_is_measured_at_each(tmp_path: Path) -> None:
    command = ["eval", "gym-test", "--model", "embedded", "--preset", "rtlcoder", "-n", "1", "--limit", "1"]
    found = itertl(*command, "--max-new-tokens", "40", "--no-quality", "--out", tmp_path)
    assert found.returncode == 0, found.stderr
    assert "chosen on the suite itself" in found.stdout
    for temperature in (0.2, 0.5, 0.8):
        folder = tmp_path / f"temperature-{temperature}"
        settings = json.loads((folder / "result.json").read_text())["settings"]
        assert (settings["temperature"], settings["preset"], settings["samples"]) == (temperature, "rtlcoder", 1)
        assert (folder / "report.html").is_file()
    refused = itertl(*command, "--out", tmp_path / "other", "--shots", "1")
    assert (refused.returncode, "has no in-context examples" in refused.stderr) == (2, True)


def test_given_candidates_are_measured_without_torch(tmp_path: Path) -> None:
    tasks = gym.generate("test", 3, 1)
    texts = [tasks[0].reference, "no code", tasks[1].body, tasks[2].header + "endmodule"]
    names = [tasks[0].id, tasks[0].id, tasks[1].id, tasks[2].id]
    rows = tmp_path / "rows.jsonl"
    rows.write_text(
        "".join(json.dumps({"task_id": n, "completion": t}) + "\n" for n, t in zip(names, texts, strict=True))
    )
    arguments = ["eval", "gym-test", "--candidates", str(rows), "--out", str(tmp_path / "out"), "--limit", "3"]
    code = f"import sys; sys.modules.update(torch=None, transformers=None); sys.argv[1:] = {arguments!r}\n"
    found = subprocess.run(
        [sys.executable, "-c", code + "from itertl.cli.app import main; main()"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "200"},
    )
    assert found.returncode == 0, found.stderr
    result = json.loads((tmp_path / "out/result.json").read_text())
    assert result["strict"]["per_problem"] == {tasks[0].id: [2, 1], tasks[1].id: [1, 1], tasks[2].id: [1, 0]}
    rows.write_text('{"task_id": "stranger", "completion": ""}\n')
    unknown = itertl("eval", "gym-test", "--candidates", rows, "--out", tmp_path / "other")
    assert unknown.returncode == 2
    assert "there is no task 'stranger'" in unknown.stderr
    assert not (tmp_path / "other").exists()
    assert itertl("eval", "gym-test", "--out", tmp_path / "none").returncode == 2


def test_doctor_tells_tools_and_missing_ones(tmp_path: Path) -> None:
    assert "iverilog" in itertl("doctor").stdout
    (tmp_path / "bin").mkdir()
    missing = itertl("doctor", PATH=str(tmp_path / "bin"))
    assert missing.returncode == 1
    assert "apt-get install" in missing.stdout


def test_what_modules_say_of_themselves_as_python_goes_down_is_not_printed() -> None:
    code = """
import sys, types
import pyslang
from itertl.cli.app import _fall_silent
for torch in (False, True):
    if torch:
        sys.modules["torch"] = types.ModuleType("torch")
    _fall_silent()
    print(f"torch {torch}", file=sys.stderr)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stderr == "torch False\n"


def test_another_system_than_linux_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == MissingToolError.exit_status
    assert "this is Darwin: use a Linux container or virtual machine" in capsys.readouterr().err.replace("\n", " ")
