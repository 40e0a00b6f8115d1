"""Sampling from chat APIs: turns, thinking, budgets, and the same rows whatever goes wrong on the way."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.sampling.fake_server import FakeServer

from itertl.config import parse_config
from itertl.errors import ConfigError, ServerError, UsageError
from itertl.records import Candidate, Task
from itertl.sampling import Draw, sample
from itertl.sampling.chat import request
from itertl.tasks import gym

TASKS = gym.generate("train", 4, 1)
NOBODY = Path("no-such-policy")  # nothing of a served model is here


def draw_from(*servers: FakeServer, samples: int = 3, **server: Any) -> Draw:
    said = {"urls": [s.url for s in servers], "model": "m", "chat": True, "deadline": 10.0, **server}
    config = parse_config({"server": said, "policy": {"prompt": "{instruction}\n{header}", "system": "Be brief."}})
    return replace(Draw.for_training(config, 1), samples=samples, max_new_tokens=50)


def whole(task: Task) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda body: {"content": f"Here it is:\n```verilog\n{task.reference}```\nsee above", "role": "assistant"}


def test_a_task_is_a_turn_and_the_answer_a_whole_module() -> None:
    with FakeServer(len, chat=whole(TASKS[0])) as server:
        (found,) = sample(NOBODY, TASKS[:1], draw_from(server, samples=1))
        (body,) = server.requests
    assert [turn["role"] for turn in body["messages"]] == ["system", "user"]
    assert body["messages"][1]["content"] == f"{TASKS[0].instruction}\n{TASKS[0].header}" == found.prompt
    assert (body["max_tokens"], body["model"], found.policy) == (50, "m", "served m")
    assert found.code.strip() == TASKS[0].reference.strip()


def test_rows_come_in_order_and_continue_behind_what_is_there() -> None:
    def fault(number: int, body: dict[str, Any]) -> str:
        return "503" if number % 3 == 0 else ""

    with FakeServer(len) as plain, FakeServer(len, fault=fault) as shaky:
        expected = list(sample(NOBODY, TASKS, draw_from(plain)))
        found = list(sample(NOBODY, TASKS, draw_from(shaky), done=expected[:5]))
    assert [(c.task_id, c.index) for c in expected] == [(t.id, i) for t in TASKS for i in range(3)]
    assert found == expected[5:]
    assert len({c.completion for c in expected}) == len(expected)


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_what_is_thought_aloud_is_kept_and_is_no_answer(field: str) -> None:
    draft = "module top_module(input a, output y); assign y = 1'b0; endmodule"
    with FakeServer(len, chat=lambda body: {field: draft, "content": TASKS[0].reference}) as server:
        (answered,) = sample(NOBODY, TASKS[:1], draw_from(server, samples=1))
    with FakeServer(len, chat=lambda body: {field: TASKS[0].reference, "content": None}) as server:
        (silent,) = sample(NOBODY, TASKS[:1], draw_from(server, samples=1))
    assert draft in answered.completion
    assert answered.code.strip() == TASKS[0].reference.strip()
    assert TASKS[0].reference.strip() in silent.completion
    assert silent.code == ""


def test_servers_that_are_away_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    with FakeServer(len) as away:
        pass
    with FakeServer(len) as server:
        assert len(list(sample(NOBODY, TASKS, draw_from(away, server)))) == 3 * len(TASKS)
    assert f"{away.url} is left out, 1 server is left" in caplog.text


def test_each_kind_of_failure_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    with FakeServer(len, fault=lambda number, body: ("503", "503", "no choices", "")[min(number, 3)]) as server:
        list(sample(NOBODY, TASKS[:1], draw_from(server, samples=1)))
    told = [record.getMessage().removeprefix(server.url) for record in caplog.records if record.levelname == "WARNING"]
    assert [text[:20] for text in told] == [': HTTP 503: {"error"', ": an answer without "]
    assert told[0].endswith("it is asked again for up to 10 s")


def test_a_budget_ends_the_stage_and_a_higher_one_continues() -> None:
    rows: list[Candidate] = []
    with FakeServer(lambda prompt: 10) as server:
        drawn = sample(NOBODY, TASKS, draw_from(server, budget=50, concurrency=1))
        with pytest.raises(ServerError, match=r"server\.budget=50 are allowed: the rows so far are kept"):
            rows.extend(drawn)  # those before the error stay
        assert 3 <= len(rows) < 12
        rest = list(sample(NOBODY, TASKS, draw_from(server, budget=1000), done=rows))
    assert [(c.task_id, c.index) for c in rows + rest] == [(t.id, i) for t in TASKS for i in range(3)]


def test_another_model_does_not_continue_the_rows_of_the_first() -> None:
    with FakeServer(len) as server:
        rows = list(sample(NOBODY, TASKS[:1], draw_from(server)))
        with pytest.raises(UsageError, match="drawn by the policy served m, the model's weights are now served other"):
            list(sample(NOBODY, TASKS, draw_from(server, model="other"), done=rows))


def test_fields_of_a_request_win_and_null_leaves_one_out() -> None:
    asked = {"max_tokens": None, "max_completion_tokens": 70, "seed": None}
    with FakeServer(len) as server:
        draw = draw_from(server, request=asked)
    assert draw.service is not None
    body = request(TASKS[0], 0, draw, draw.service)
    assert body["max_completion_tokens"] == 70
    assert body.keys() & {"max_tokens", "seed"} == set()


def test_a_chat_needs_servers_and_servers_an_address() -> None:
    with pytest.raises(ConfigError, match="chat needs `urls`"):
        parse_config({"server": {"chat": True}})
    with pytest.raises(ConfigError, match=r"server\.urls\.0"):
        parse_config({"server": {"urls": ["localhost:11434"], "model": "m"}})
