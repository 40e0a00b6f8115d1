"""The examples for verifiers, OpenEnv and inspect_ai, each run by the real package; skipped where that is absent."""

import asyncio
import importlib
import socket
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from itertl.records import Task

REFERENCE = "module inv(input a, input b, output y);\n  assign y = ~(a & b);\nendmodule\n"
WRONG = REFERENCE.replace("&", "|")
OTHER = REFERENCE.replace("inv", "other")


def needs(package: str, install: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(find_spec(package) is None, reason=f"{package} is not installed: pip install {install}")


pytestmark = pytest.mark.filterwarnings("default")  # those of other people's packages


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A file of two tasks."""
    file = tmp_path / "rows.jsonl"
    tasks = [Task.of(REFERENCE, "y is not (a and b)", id="one"), Task.of(OTHER, "the same, called other", id="two")]
    file.write_text("".join(task.to_json() + "\n" for task in tasks))
    return file


@needs("verifiers", "verifiers")
def test_verifiers_loads_the_taskset_and_scores_traces(rows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import verifiers.v1 as vf
    from verifiers.v1.graph import MessageNode
    from verifiers.v1.trace import AgentInfo, TraceTask
    from verifiers.v1.utils.loaders import load_taskset

    monkeypatch.syspath_prepend(str(Path("examples").resolve()))
    module = importlib.import_module("itertl_verifiers")
    tasks = list(load_taskset(module.RtlConfig(id="itertl-verifiers", tasks=f"file:{rows}", count=5)))
    assert [task.data.name for task in tasks] == ["one", "two"]
    assert "module inv" in str(tasks[0].data.prompt)
    assert len({task.key for task in tasks}) == 2

    def scored(text: str) -> Any:
        task = tasks[0]
        trace = vf.Trace(task=TraceTask(type="RtlTask", data=task.data), agent=AgentInfo.model_construct())
        trace.nodes.append(MessageNode(message=vf.AssistantMessage(content=text), sampled=True))
        asyncio.run(task.score(trace))
        return trace

    right, wrong = scored(f"```verilog\n{REFERENCE}```"), scored(WRONG)
    assert right.rewards["verdict"].value == 1.0
    assert right.metrics == {"passed": 1.0, "agreement": 1.0}
    assert 0.5 < wrong.rewards["verdict"].value < 1.0
    assert wrong.info["verdict"].startswith("mismatch")
    monkeypatch.setattr("itertl.environment.judge", _beyond)
    with pytest.raises(vf.TaskError, match="unsupported: a class"):
        scored(REFERENCE)


def _beyond(pairs: Any, workers: int) -> Any:
    from itertl.outcome import Outcome
    from itertl.records import Submission, Verdict

    designs = [(task, Submission.of(task, text)) for task, text in pairs]
    return [(t, d, Verdict(t.id, d.code_id, Outcome.UNSUPPORTED, detail="a class")) for t, d in designs]


@pytest.fixture
def server(rows: Path) -> Iterator[str]:
    """The address of a server of two tasks with two turns."""
    import uvicorn
    from examples.openenv_server import app

    from itertl.environment import load

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = uvicorn.Server(
        uvicorn.Config(app(load(f"file:{rows}", 5), turns=2), port=port, log_level="error", ws="websockets-sansio")
    )
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive(), "the server has ended before it started"
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join()


@needs("openenv", "openenv-core")
def test_openenvs_client_plays_an_episode_of_two_turns(server: str) -> None:
    from openenv import GenericEnvClient

    with GenericEnvClient(base_url=server).sync() as env, GenericEnvClient(base_url=server).sync() as beside:
        begun = env.reset(seed=0)
        assert "y is not (a and b)" in begun.observation["message"]
        assert "called other" in beside.reset(seed=1).observation["message"]
        first = env.step({"answer": WRONG})
        assert (first.reward, first.done) == (0.0, False)
        assert "y expected 1, got 0" in first.observation["message"]
        second = env.step({"answer": f"Corrected:\n{REFERENCE}"})
        assert (second.reward, second.done, second.observation["outcome"]) == (1.0, True, "passed")
        assert env.state()["step_count"] == 2
        assert beside.step({"answer": OTHER}).reward == 1.0, "sessions have episodes of their own"
        assert "called other" in env.reset().observation["message"], "without a seed the next task"


@needs("inspect_ai", "inspect-ai")
def test_inspect_evaluates_a_suite(rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from examples.inspect_suite import verilog
    from inspect_ai import eval as evaluate
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    def answered(input: Any, *rest: Any) -> ModelOutput:
        text = WRONG if "y is not" in input[-1].text else OTHER
        output = ModelOutput.from_content("mockllm/model", f"Sure.\n```verilog\n{text}```")
        output.usage = ModelUsage()  # or its tokens are counted, with a vocabulary from elsewhere
        return output

    (log,) = evaluate(
        verilog(f"file:{rows}", count=2),
        model=get_model("mockllm/model", custom_outputs=answered),
        log_dir=str(tmp_path / "logs"),
        display="none",
        epochs=2,
    )
    assert log.status == "success", log.error
    found = {(sample.id, sample.epoch): sample.scores["verdict"] for sample in log.samples}
    assert {key: score.value for key, score in found.items()} == {
        ("one", 1): "I", ("one", 2): "I", ("two", 1): "C", ("two", 2): "C",
    }  # fmt: skip
    assert found["one", 1].explanation.startswith("mismatch: ")
    assert found["two", 1].metadata["outcome"] == "passed"
    assert log.results.scores[0].metrics["accuracy"].value == 0.5
    monkeypatch.setattr("itertl.environment.judge", _beyond)
    (log,) = evaluate(
        verilog(f"file:{rows}", count=2),
        model=get_model("mockllm/model", custom_outputs=answered),
        log_dir=str(tmp_path / "logs"),
        display="none",
    )
    assert log.status == "success", log.error
    assert log.results.scores[0].unscored_samples == 2
