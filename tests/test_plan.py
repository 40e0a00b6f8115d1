"""A run is planned before it begins: what would stop it late stops it at once, and a dry run says what it would do."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from tests.cli.program import itertl
from tests.cli.test_app import MINI

from itertl.commands.run import show_plan
from itertl.config import load_config
from itertl.disk.outline import Stage
from itertl.disk.rows import read_rows
from itertl.plan import plan, rates, seconds
from itertl.tasks.load import load_tasks

REFERENCE = "module inv(input a, output y);\n  assign y = ~a;\nendmodule\n"
REFUSED = {
    "suite": (["--set", "evaluation.suites=[gym-tset]"], 2, "did you mean 'gym-test'"),
    "suite without data": (
        ["--set", "evaluation.suites=[rtllm-v2]", "--set", "evaluation.data=/nowhere"],
        2,
        "rtllm-v2",
    ),
    "until": (["--until", "iter_1/verdicts"], 2, "did you mean 'iter_01/verdicts'"),
    "until of a later iteration": (["--until", "iter_02/verdicts"], 2, "there is no such stage"),
    "score": (["--set", "score=nowhere.at_all:f"], 2, "nowhere"),
    "four bits on a processor": (["--set", "policy.lora.quantize=true"], 2, "needs a CUDA device"),
    "empty": (["--set", "policy.path=tests/commands"], 2, "tests/commands holds no model: expected config.json"),
    "tracker": (["--set", "tracking=[tensorbord]"], 2, "did you mean 'tensorboard'?"),
    "policy": (["--set", "policy.path=./nowhere"], 2, "there is no model './nowhere'"),
    "score with other arguments": (["--set", "score=json:dumps"], 2, "is called with (task, code, verdict)"),
    "objective": (["--set", "training.objective=rnak"], 2, "did you mean 'rank'"),
    "objective of one's own": (["--set", "training.objective=nowhere.at_all:X"], 2, "cannot be loaded"),
    "sampler": (["--set", "server.vllm_python=/no/python"], 2, "there is no program /no/python"),
    "gguf": (["--set", "policy.path=nowhere.gguf"], 2, "there is no model 'nowhere.gguf'"),
    "tasks": (["--set", "tasks.file=nowhere.jsonl"], 2, "nowhere.jsonl does not exist"),
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(MINI)
    return path


@pytest.mark.parametrize("fault", REFUSED)
@pytest.mark.parametrize("how", ["run", "dry run"])
def test_what_can_be_known_is_refused_before_anything_is_written(
    config: Path, tmp_path: Path, fault: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "four bits on a processor":
        monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    arguments, status, sentence = REFUSED[fault]
    found = itertl("run", config, "--out", tmp_path / "run", *arguments, *(["--dry-run"] if how == "dry run" else []))
    assert (found.returncode, sentence in found.stderr) == (status, True), found.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("place", ["/proc/x", "/proc/x/y", "/sys/x", "file", "file/below"])
def test_a_folder_that_cannot_be_made_is_one_sentence(config: Path, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    found = itertl("run", config, "--out", tmp_path / place)
    assert found.returncode == 2
    assert "cannot be made" in found.stderr
    assert "--out" in found.stderr


def test_a_dry_run_names_the_stages_of_the_run_and_writes_nothing(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "runs" / "one"
    planned = plan(load_config(config), out)
    told = itertl("run", config, "--out", out, "--dry-run")
    assert told.returncode == 0, told.stderr
    assert "how long is not known" in told.stdout
    assert not out.parent.exists()

    assert itertl("run", config, "--out", out).returncode == 0
    computed = {e["stage"] for e in read_rows(out / "events.jsonl") if e["event"] == "stage_end"}
    assert {stage.name for stage in planned} == computed
    assert not any(stage.done for stage in planned)
    _compare_with_what_was_made(planned, out)

    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    again = itertl("run", config, "--out", out, "--dry-run")
    assert "every stage is done" in again.stdout
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before

    known = rates(out, load_config(config))
    assert set(known) == {"samples", "verdicts", "steps"}
    other = itertl("run", config, "--out", out.with_name("other"), "--dry-run", "--until", "iter_01/verdicts")
    assert "stages to go, about" in other.stdout
    assert "iter_01/groups" not in other.stdout
    assert rates(out, load_config(config, ["policy.path=null"])) == {}


def test_a_stage_of_one_sample_says_nothing_where_others_drew_many(config: Path, tmp_path: Path) -> None:
    for name, samples, steps, groups, took in (("short", 1, 2, 4, 30.0), ("long", 50, 20, 2, 100.0)):
        folder = tmp_path / name / "iter_01" / "policy"
        folder.mkdir(parents=True)
        settings = load_config(config, [f"training.groups_per_step={groups}"]).model_dump(mode="json")
        (tmp_path / name / "config.yaml").write_text(json.dumps(settings))
        (folder.parent / "candidates.jsonl").write_text("{}\n" * samples)
        (folder / "training.jsonl").write_text("{}\n" * steps)
        events = [
            {"event": event, "stage": f"iter_01/{stage}", "seconds": took}
            for stage in ("candidates.jsonl", "policy")
            for event in ("stage_start", "stage_end")
        ]
        (tmp_path / name / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    known = rates(tmp_path / "new", load_config(config, ["training.groups_per_step=4"]))
    assert known == {"samples": 2.0, "steps": 10.0}


def _compare_with_what_was_made(planned: list[Stage], out: Path) -> None:
    by_name = {stage.name: stage for stage in planned}
    assert len((out / "tasks.jsonl").read_text().splitlines()) == by_name["tasks.jsonl"].amount
    for name in ("iter_01/candidates.jsonl", "iter_01/gym-test/candidates.jsonl"):
        assert len((out / name).read_text().splitlines()) == by_name[name].amount
    for name in ("iter_01/verdicts.jsonl", "iter_01/groups.jsonl"):
        assert len((out / name).read_text().splitlines()) <= (by_name[name].amount or 0)
    steps = len((out / "iter_01" / "policy" / "training.jsonl").read_text().splitlines())
    assert 0 < steps <= (by_name["iter_01/policy"].amount or 0)
    assert by_name["iter_01/verdicts.jsonl"].reads == ("iter_01/candidates.jsonl",)
    assert by_name["iter_01/policy"].reads == ("iter_00/policy", "iter_01/groups.jsonl")


def test_runs_that_were_killed_or_damaged_hold_no_plan_up(config: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for name, settings, events in (("torn", MINI, '{"event": "stage_end", "sta'), ("odd", "a: [", "")):
        (runs / name).mkdir(parents=True)
        (runs / name / "config.yaml").write_text(settings)
        (runs / name / "events.jsonl").write_text(events)
    told = itertl("run", config, "--out", runs / "new", "--dry-run")
    assert told.returncode == 0, told.stderr
    assert "how long is not known" in told.stdout


def test_a_model_of_the_hub_that_is_not_here_is_told_and_offline_refused(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("run", config, "--out", tmp_path / "run", "--set", "policy.path=org/model", "--dry-run")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    refused = itertl(*asked)
    assert refused.returncode == 2
    assert "config.json is missing" in refused.stderr
    assert "which HF_HUB_OFFLINE forbids" in refused.stderr

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    sentence = "org/model is not in this machine's cache"
    assert f"{sentence} (config.json is missing): a run downloads it from the hub" in itertl(*asked).stdout
    snapshot = tmp_path / "hub" / "models--org--model" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text("abc")
    (snapshot / "config.json").write_text("{}")  # as a check leaves it
    assert f"{sentence} (weights are missing)" in itertl(*asked).stdout
    (snapshot / "model.safetensors.index.json").write_text(
        '{"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}}'
    )
    (snapshot / "1.safetensors").write_text("")
    assert f"{sentence} (2.safetensors is missing)" in itertl(*asked).stdout
    (snapshot / "2.safetensors").write_text("")
    assert "cache" not in itertl(*asked).stdout


def test_a_dry_run_counts_repeated_rows_as_the_run_does(config: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    texts = [REFERENCE.replace("inv", f"inv{n}") for n in (0, 1, 2, 1, 1)]
    rows.write_text("".join(json.dumps({"instruction": "Invert.", "reference": text}) + "\n" for text in texts))
    told = itertl("run", config, "--out", tmp_path / "run", "--set", f"tasks.file={rows}", "--dry-run")
    assert f"{rows}: 2 of 5 rows dropped, as repetitions to the letter" in told.stdout
    asked = load_config(config, [f"tasks.file={rows}"])
    assert plan(asked, tmp_path / "run")[0].amount == len(list(load_tasks(asked.tasks, 1, asked.verify))) == 3


def test_the_plan_breaks_no_word_on_80_columns(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "run"
    for terminal, read in ((True, False), (False, True)):
        console = Console(file=io.StringIO(), width=80, force_terminal=terminal, no_color=True, color_system=None)
        show_plan(config, ["evaluation.suites=[gym-test,gym-shifted]"], out, None, console)
        assert isinstance(console.file, io.StringIO)
        words = console.file.getvalue().replace("│", " ").split()
        assert "iter_00/gym-shifted/candidates" in words
        assert ("reads" in words) is read


@pytest.mark.parametrize("command", [("eval", "gym-test"), ("generate", "an adder")])
def test_a_model_that_is_not_there_is_refused_before_anything_is_written(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    out = ["--out", tmp_path / "out"] if command[0] == "eval" else ["--header", "module m(input a, output y);"]
    found = itertl(*command, "--model", "no/where/at/all", *out)
    assert (found.returncode, "there is no model 'no/where/at/all'" in found.stderr) == (2, True), found.stderr
    assert not (tmp_path / "out").exists()


def test_times_are_foreseen_from_rates_alone() -> None:
    stage = Stage("iter_01/candidates.jsonl", False, 100, "samples", ())
    assert seconds(stage, {"samples": 0.5}) == 50.0
    assert seconds(stage, {"steps": 0.5}) is None
