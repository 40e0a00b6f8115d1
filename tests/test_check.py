"""`itertl check`: configs that come along pass; what is wrong fails, with what to do; nothing is trained."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import transformers
from rich.console import Console
from tests.sampling.fake_server import FakeServer
from typer.testing import CliRunner

from itertl.check import Finding, Status, examine, passed, render
from itertl.check.everything import _devices
from itertl.check.model import architecture
from itertl.check.model import load_model as load
from itertl.check.room import disk, load_of, memory
from itertl.check.service import service
from itertl.check.tasks import prompts
from itertl.cli.app import app
from itertl.config import Config, load_config, parse_config
from itertl.machine import doctor
from itertl.machine.device import Device, find_device
from itertl.policy.memory import GIB, KNOWN, Load

CONFIGS = sorted((Path(__file__).parent.parent / "configs").glob("*.yaml"))
LAPTOP = Device(False, 1, 16.0 * GIB, "CPU")
ONE_GPU = Device(True, 1, 80.0 * GIB, "GPU")
EIGHT_GPUS = Device(True, 8, 80.0 * GIB, "GPU")
INVERTER = "module inverter(input a, output y);\n    assign y = ~a;\nendmodule\n"
QWEN = KNOWN["Qwen/Qwen2.5-Coder-1.5B"]


def config(**values: Any) -> Config:
    return parse_config({"policy": {"path": "embedded"}, **values})


def by_name(findings: Any) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


@pytest.fixture
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk of a terabyte, and no look at this machine's tools; the gym's references are verified elsewhere."""
    monkeypatch.setattr("itertl.check.room.shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000 * GIB}))
    monkeypatch.setattr("itertl.check.everything._tools", lambda **_: iter(()))
    monkeypatch.setattr(
        "itertl.check.everything.references", lambda tasks, config: Finding("references", Status.OK, "")
    )


@pytest.mark.parametrize("device", [LAPTOP, EIGHT_GPUS], ids=["laptop", "gpus"])
@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
@pytest.mark.usefixtures("roomy")
def test_every_config_that_comes_along_passes(
    path: Path, device: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("itertl.check.everything.find_device", lambda: device)
    findings = list(examine(load_config(path), tmp_path))
    assert passed(findings), [f for f in findings if f.status is Status.FAIL]
    estimate = by_name(findings)["memory of training"]
    real = "/" in (load_config(path).policy.path or "")
    assert estimate.status is (Status.WARN if real and not device.gpu else Status.OK)


def test_the_device_of_this_machine_is_found() -> None:
    device = find_device()
    assert device.size > 0
    assert device.holds(1.0, 1)
    assert not device.holds(2.0**60, 1)
    assert not ONE_GPU.holds(1.0, 2), "one process a GPU"
    assert not LAPTOP.holds(10 * GIB, 2), "processes share the memory"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_models_of_the_hub_are_pinned(path: Path) -> None:
    policy = load_config(path).policy
    if policy.path is not None and "/" in policy.path:
        assert policy.revision is not None
        assert len(policy.revision) == 40


def test_the_command_says_ok_and_ends_with_status_0(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text("policy: {path: embedded}\ntasks: {gym: {train: 4}}\n")
    result = CliRunner().invoke(app, ["check", "config.yaml"])
    assert result.exit_code == 0, result.output
    assert "0 failures" in result.output
    assert list(tmp_path.iterdir()) == [tmp_path / "config.yaml"], "a check leaves nothing behind"


def test_the_command_ends_with_status_1_where_something_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("policy: {path: embedded}\ntasks: {gym: {train: 4}}\n")
    result = CliRunner().invoke(app, ["check", str(tmp_path / "config.yaml"), "--set", "policy.path=no/such/folder"])
    assert result.exit_code == 1
    assert "correct policy.path" in result.output


def test_findings_show_their_reason_and_what_to_do() -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    findings = [Finding("memory", Status.FAIL, "needs [80] GiB", "shard"), Finding("disk", Status.OK, "fine")]
    console.print(render(findings))
    text = " ".join(console.export_text().split())
    assert "needs [80] GiB" in text
    assert "shard" in text
    assert "does not pass: 1 ok, 0 warnings, 1 failure" in text


def test_a_hub_model_that_is_not_here_is_a_warning_and_its_memory_is_known() -> None:
    model = load(config(policy={"path": "Qwen/Qwen2.5-Coder-1.5B"}))
    assert model.shape == QWEN
    assert model.finding.status is Status.WARN
    assert "hf download Qwen/Qwen2.5-Coder-1.5B, about 3 GiB" in model.finding.fix
    unknown = load(config(policy={"path": "someone/unheard-of"}))
    assert (unknown.shape, unknown.finding.status) == (None, Status.WARN)


def test_memory_that_a_gpu_lacks_fails_and_a_missing_gpu_warns() -> None:
    real = config(policy={"path": "Qwen/Qwen2.5-Coder-1.5B"}, sampling={"batch_size": 32})
    assert {f.status for f in memory(QWEN, real, ONE_GPU)} == {Status.OK}
    small = by_name(memory(QWEN, real, Device(True, 1, 24.0 * GIB, "GPU")))
    assert small["memory of training"].status is Status.FAIL
    assert "gradient_checkpointing" in small["memory of training"].fix
    assert small["memory of sampling"].status is Status.OK
    elsewhere = by_name(memory(QWEN, real, LAPTOP))
    assert elsewhere["memory of training"].status is Status.WARN
    assert elsewhere["memory of sampling"].found == by_name(memory(QWEN, real, ONE_GPU))["memory of sampling"].found


def test_a_tiny_policy_has_to_fit_the_processors_memory() -> None:
    model = load(config())
    assert model.shape is not None
    assert {f.status for f in memory(model.shape, config(), LAPTOP)} == {Status.OK}
    none = Device(False, 1, 0.5 * GIB, "CPU")
    assert by_name(memory(model.shape, config(), none))["memory of training"].status is Status.FAIL


def test_what_serves_is_estimated_where_a_server_samples() -> None:
    served = config(server={"vllm_python": "no/python"})
    assert [f.name for f in memory(QWEN, served, ONE_GPU)] == ["memory of training", "memory of serving"]
    outside = config(server={"urls": ["http://h"], "model": "m"})
    assert [f.name for f in memory(QWEN, outside, ONE_GPU)] == ["memory of training"]


def test_a_full_disk_fails_on_the_machine_that_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def usage(path: Any) -> Any:
        return type("Usage", (), {"free": 20 * GIB})

    monkeypatch.setattr("itertl.check.room.shutil.disk_usage", usage)
    assert disk(QWEN, config(), EIGHT_GPUS, tmp_path / "runs").status is Status.FAIL
    assert disk(QWEN, config(), LAPTOP, tmp_path / "runs").status is Status.WARN
    model = load(config())
    assert model.shape is not None
    assert disk(model.shape, config(), LAPTOP, tmp_path / "runs").status is Status.OK


def lengths(**values: Any) -> Finding:
    from itertl.tasks import gym

    chosen = config(**values)
    tasks = gym.generate("train", 20, 1, families=["adder", "counter"])
    return by_name(prompts(tasks, load(chosen), chosen))["lengths"]


def test_prompts_and_references_are_measured_against_the_context() -> None:
    assert lengths().status is Status.OK
    assert lengths(sampling={"max_new_tokens": 1000}).status is Status.WARN
    short = lengths(sampling={"max_new_tokens": 8})
    assert short.status is Status.WARN
    assert "longer than sampling.max_new_tokens=8" in short.found
    full = lengths(policy={"path": "embedded", "prompt": "very " * 2000 + "{header}"})
    assert full.status is Status.FAIL
    assert "20 prompts leave no room" in full.found


def test_a_chat_that_the_tokenizer_cannot_hold_fails() -> None:
    chosen = config(policy={"path": "embedded", "chat": "on"})
    (finding,) = prompts([], load(chosen), chosen)
    assert finding.status is Status.FAIL
    assert "no chat template" in finding.found


def test_a_chat_says_where_its_answers_begin() -> None:
    chosen = config()
    model = load(chosen)
    model.tokenizer.chat_template = (
        "{% for m in messages %}{{ '<' + m.role + '>' + m.content + eos_token }}{% endfor %}"
        "{% if add_generation_prompt %}<assistant><think>{% endif %}"
    )
    (finding,) = prompts([], model, chosen)
    assert r"answers behind '<|end|><assistant><think>\n</think>\n\n'" in finding.found


def test_servers_are_asked_for_their_models() -> None:
    with FakeServer(len, model="rtl-0123") as server:
        found = {
            name: next(service(config(server={"urls": [server.url], "model": name}))).status
            for name in ("rtl-0123", "rtl-{digest}", "other")
        }
    assert found == {"rtl-0123": Status.OK, "rtl-{digest}": Status.OK, "other": Status.FAIL}


@pytest.mark.parametrize(
    ("kind", "server", "message"),
    [
        ("LlamaConfig", {}, ""),
        ("MixtralConfig", {}, ""),
        ("MambaConfig", {}, "no max_position_embeddings"),
        ("FalconH1Config", {}, "cannot be sampled in this process"),
        ("FalconH1Config", {"urls": ["http://h"], "model": "m"}, ""),
    ],
)
def test_a_model_of_a_kind_that_does_not_work_is_named(
    tmp_path: Path, kind: str, server: dict[str, Any], message: str
) -> None:
    getattr(transformers, kind)(num_hidden_layers=2).save_pretrained(tmp_path)
    (finding,) = architecture(config(policy={"path": str(tmp_path)}, server=server))
    assert finding.status is (Status.FAIL if message else Status.OK)
    assert message in finding.found


def test_a_server_that_is_away_and_an_engine_that_is_missing_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itertl.check.service.SERVER_SECONDS", 0.2)
    with FakeServer(len) as server:
        pass
    (away,) = service(config(server={"urls": [server.url], "model": "policy"}))
    assert away.status is Status.FAIL
    assert f"{away.found} {away.fix}".count("correct server.urls") == 1
    assert away.found == f"{server.url} is not there yet: connection refused"
    for fault, said in (("503", "HTTP 503: {"), ("empty", "no model in /v1/models")):
        with FakeServer(len, listing={0: fault}.__getitem__) as server:
            (loading,) = service(config(server={"urls": [server.url], "model": "policy"}))
        assert loading.status is Status.FAIL
        assert loading.found.startswith(f"{server.url} is not there yet: {said}")
        assert "a run waits for it" in loading.fix
    (missing,) = service(config(server={"vllm_python": "/no/such/python"}))
    assert missing.status is Status.FAIL
    (command,) = service(config(server={"command": ["no-such-engine", "{policy}", "{port}"]}))
    assert command.status is Status.FAIL


def test_of_a_chat_what_matters_is_its_server_and_the_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = [
        doctor.Finding("torch", "", False, "training", "install it"),
        doctor.Finding("vvp", "11", True, "all", ""),
    ]
    monkeypatch.setattr(doctor, "examine", lambda: lacking)
    (tmp_path / "rows.jsonl").write_text(json.dumps({"instruction": "an inverter", "reference": INVERTER}))
    with FakeServer(len, model="m") as server:
        said = {"urls": [server.url], "model": "m", "chat": True}
        alone = by_name(examine(config(server=said)))
        rows = by_name(examine(config(server=said, tasks={"file": str(tmp_path / "rows.jsonl")})))
        none = by_name(examine(config(server=said, tasks={"file": str(tmp_path / "none.jsonl")})))
    assert list(alone) == ["tools", "use", "server"]
    assert list(rows) == ["tools", "use", "references", "server"]
    assert {finding.status for finding in rows.values()} == {Status.OK}
    assert none["tasks"].status is Status.FAIL


def test_wrong_suites_scores_objectives_and_files_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itertl.check.everything._tools", lambda **_: iter(()))
    wrong = config(
        score="nonsense",
        tasks={"file": str(tmp_path / "no.jsonl")},
        training={"objective": "rnak"},
        evaluation={"suites": ["gym-nowhere"]},
    )
    found = by_name(examine(wrong, tmp_path))
    failed = {name for name, f in found.items() if f.status is Status.FAIL}
    assert failed == {"tasks", "score", "training.objective", "suite"}
    assert "did you mean 'rank'" in found["training.objective"].found


@pytest.mark.usefixtures("roomy")
def test_an_objective_of_ones_own_is_looked_up_with_its_parameters(tmp_path: Path) -> None:
    own = "examples.own_objective:WEIGHED"
    for parameters, status in (({"weight": 0.5}, Status.OK), ({"wieght": 0.5}, Status.FAIL)):
        chosen = config(training={"objective": own, "parameters": parameters})
        assert by_name(examine(chosen, tmp_path))["training.objective"].status is status


def test_references_that_fail_their_own_check_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itertl.check.everything._tools", lambda **_: iter(()))
    good = '{"instruction": "An inverter", "reference": "module t(input a, output y); assign y = ~a; endmodule"}\n'
    bad = '{"instruction": "A hole", "reference": "module u(input a, output y); hole h(a, y); endmodule"}\n'
    for text, status in ((good, Status.OK), (good + bad, Status.WARN), (bad, Status.FAIL)):
        (tmp_path / "rows.jsonl").write_text(text)
        found = by_name(examine(config(tasks={"file": str(tmp_path / "rows.jsonl")}), tmp_path))
        assert found["references"].status is status


def test_the_load_is_read_from_the_config() -> None:
    found = load_of(
        QWEN, config(training={"micro_batch": 100}, policy={"path": "embedded", "dtype": "float32"}), ONE_GPU
    )
    assert found.tokens > 100, "one sequence is not split"
    assert not found.bfloat16
    lora = load_config(next(path for path in CONFIGS if path.stem == "qwen2.5-coder-7b-lora"))
    assert load_of(QWEN, lora, ONE_GPU) == Load(rank=32, tokens=8192, checkpointing=True)
    full = load_config(next(path for path in CONFIGS if path.stem == "deepseek-coder-6.7b-full"))
    assert load_of(QWEN, full, ONE_GPU).processes == 8


def test_without_torch_the_check_ends_with_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    missing = doctor.Finding("torch", "", False, "training", "pip install 'itertl[train]'")
    monkeypatch.setattr("itertl.check.everything.doctor.examine", lambda: [missing])
    findings = list(examine(config(), tmp_path))
    assert [(f.name, f.status) for f in findings] == [("torch", Status.FAIL), ("tools", Status.OK)]
    assert "itertl[train]" in findings[0].fix


def test_what_asks_for_devices_that_are_not_here_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = config(policy={"path": "embedded", "lora": {"rank": 8, "quantize": True}}, training={"processes": 500})
    here = by_name(_devices(asked, LAPTOP))
    assert here["quantize"].status is Status.FAIL
    assert "needs a CUDA device" in here["quantize"].found
    assert here["processes"].status is Status.WARN
    assert "training.processes is 500" in here["processes"].found
    assert "a run here is refused" in by_name(_devices(asked, EIGHT_GPUS))["processes"].fix
    assert list(_devices(config(), LAPTOP)) == []


@pytest.mark.parametrize("has", [True, False])
def test_an_arithmetic_that_the_processor_lacks_is_told(has: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: {"avx512_bf16": has})
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    here = by_name(_devices(config(policy={"path": "embedded", "dtype": "bfloat16"}), LAPTOP))
    assert ("arithmetic" in here) is not has
    assert has or "two hundred times" in here["arithmetic"].fix
    assert list(_devices(config(), LAPTOP)) == []


def test_a_download_names_the_revision() -> None:
    name = "nobody/nothing-at-all"
    found = load(config(policy={"path": name, "revision": "abc123"})).finding
    assert f"hf download {name} --revision abc123;" in found.fix


def test_a_place_is_never_asked_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*arguments: object, **options: object) -> None:
        raise AssertionError("the hub was asked")

    monkeypatch.setattr(transformers.AutoConfig, "from_pretrained", asked)
    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", asked)
    (tmp_path / "notes.txt").write_text("")
    for path, said in (("./nomodel", "there is no model"), (str(tmp_path), "holds no model: expected config.json")):
        found = load(config(policy={"path": path})).finding
        assert found.status is Status.FAIL
        assert said in found.found
