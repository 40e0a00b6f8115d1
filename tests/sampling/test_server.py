"""Sampling from servers that misbehave: every sample is drawn, or the stage says why not; nothing is made up."""

import copy
import gzip
import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.sampling.fake_server import BODY, FakeServer, Fault, text_of

from itertl.errors import ServerError
from itertl.policy.folder import policy_digest
from itertl.policy.load import load_policy
from itertl.policy.prompt import encode_prompt
from itertl.policy.weights import save_policy
from itertl.records import Candidate
from itertl.sampling import Draw, sample
from itertl.sampling.candidate import sample_seed
from itertl.sampling.client import Client, Reply, read_reply
from itertl.sampling.draw import Service
from itertl.tasks import gym

TASKS = gym.generate("train", 6, 1)
DRAW = Draw(
    samples=3,
    temperature=0.8,
    top_p=0.95,
    max_new_tokens=40,
    batch_size=6,
    template="{instruction}\n\n{header}",
    dtype="float32",
    seed=7,
    stream="iteration 1",
    iteration=1,
)


@pytest.fixture(scope="module")
def policy(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.conftest import SHAPE

    from itertl.policy.tiny import build_tiny

    folder = tmp_path_factory.mktemp("policy")
    save_policy(build_tiny(SHAPE, tokenizer, seed=1), tokenizer, folder)
    return folder


@pytest.fixture
def count(tokenizer: Any) -> Callable[[str], int]:
    """How a server counts that puts the BOS in front of every text, as most do."""
    return lambda text: 1 + len(tokenizer.encode(text, add_special_tokens=False))


def draw_from(*servers: FakeServer, **settings: Any) -> Draw:
    service = Service(
        servers=tuple(s.url for s in servers), **{"model": "policy", "deadline": 90.0, "probes": 0, **settings}
    )
    return replace(DRAW, service=service)


def at_sample(*faults: str) -> Fault:
    """Let the first requests for samples (not the probes) go wrong, one fault each."""
    rest = iter(faults)
    return lambda number, body: next(rest, "") if body["max_tokens"] == 40 and body["temperature"] < 2 else ""


def always(fault: str) -> Fault:
    return lambda number, body: fault


def test_every_sample_is_one_seeded_request_in_a_fixed_order(policy: Path, count: Any) -> None:
    with FakeServer(count) as server:
        found = list(sample(policy, TASKS, draw_from(server)))
    assert [(c.task_id, c.index) for c in found] == [(t.id, i) for t in TASKS for i in range(3)]
    assert [c.seed for c in found] == [sample_seed(7, "iteration 1", c.task_id, c.index) for c in found]
    assert {c.policy for c in found} == {policy_digest(policy)}
    assert all(c.code.startswith(next(t.header for t in TASKS if t.id == c.task_id)) for c in found)
    assert len(server.samples()) == 18
    assert all((r["temperature"], r["top_p"], r["max_tokens"]) == (0.8, 0.95, 40) for r in server.samples())
    assert {c.completion for c in found} == {text_of({"prompt": c.prompt, "seed": c.seed % 2**31}) for c in found}


@pytest.mark.parametrize("kept", [0, 1, 7, 17, 18])
def test_an_interrupted_stage_continues_behind_its_last_row(policy: Path, count: Any, kept: int) -> None:
    with FakeServer(count) as server:
        draw = draw_from(server)
        whole = list(sample(policy, TASKS, draw))
        before = len(server.samples())
        assert whole[:kept] + list(sample(policy, TASKS, draw, done=whole[:kept])) == whole
        assert len(server.samples()) - before == 18 - kept


@pytest.mark.parametrize(
    "faults",
    [
        ["429", "500", "503", "502"],
        ["close", "close"],
        ["cut json", "cut body"],
        ["deep json", "long number", "deep answer"],
        ["no choices", "abort"],
        ["408", "close", "cut json", "429", "no choices"],
    ],
)
def test_what_passes_is_tried_again(policy: Path, count: Any, faults: list[str]) -> None:
    with FakeServer(count) as sound, FakeServer(count, fault=at_sample(*faults)) as server:
        assert list(sample(policy, TASKS, draw_from(server))) == list(sample(policy, TASKS, draw_from(sound)))
        assert len(server.samples()) == 18 + len(faults)


def test_a_request_that_hangs_is_given_up_and_sent_again(policy: Path, count: Any) -> None:
    with FakeServer(count, fault=at_sample("hang", "hang")) as server:
        found = list(sample(policy, TASKS[:2], draw_from(server, deadline=12.0)))
    assert len(found) == 6
    assert all(BODY in c.completion for c in found)


def test_a_server_that_stays_away_ends_the_stage_and_the_rows_before_are_kept(policy: Path, count: Any) -> None:
    calls = itertools.count()

    def dies(number: int, body: dict[str, Any]) -> str:
        return "close" if body["max_tokens"] == 40 and body["temperature"] < 2 and next(calls) >= 7 else ""

    with FakeServer(count) as sound:
        whole = list(sample(policy, TASKS, draw_from(sound)))
    rows: list[Candidate] = []
    with (
        FakeServer(count, fault=dies) as server,
        pytest.raises(ServerError, match=r"within server\.deadline=5 s, last: RemoteProtocolError"),
    ):
        rows.extend(sample(policy, TASKS, draw_from(server, deadline=5.0, concurrency=1)))
    with FakeServer(count) as server:
        rest = list(sample(policy, TASKS, draw_from(server), done=rows))
    assert rows + rest == whole
    assert all(c.completion for c in whole)


def test_no_server_at_all_is_said(policy: Path, count: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itertl.sampling.waiting.PATIENCE", 0.1)
    with FakeServer(count) as server:
        pass
    with pytest.raises(ServerError, match="connection refused; start the server, or correct its address"):
        list(sample(policy, TASKS, draw_from(server)))


def test_a_server_that_loads_its_model_is_waited_for(policy: Path, count: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itertl.sampling.waiting.PAUSE", 0.02)
    faults = ("503", "empty")
    with FakeServer(count, listing=lambda number: faults[number] if number < 2 else "") as server:
        assert len(list(sample(policy, TASKS[:1], draw_from(server)))) == 3


def test_of_several_servers_the_sound_one_does_the_work_of_the_other(policy: Path, count: Any) -> None:
    with FakeServer(count) as sound, FakeServer(count, fault=at_sample(*["close"] * 1000)) as broken:
        assert len(list(sample(policy, TASKS, draw_from(broken, sound, concurrency=4)))) == 18
        assert len(sound.samples()) == 18
    with FakeServer(count) as one, FakeServer(count) as two:
        list(sample(policy, TASKS, draw_from(one, two, concurrency=4)))
        assert len(one.samples()) >= 3
        assert len(two.samples()) >= 3


def test_a_running_server_that_is_away_is_left_out_and_its_requests_go_elsewhere(
    policy: Path, count: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with FakeServer(count) as away:
        pass
    with FakeServer(count) as sound:
        service = draw_from(away, sound, deadline=4.0)
        assert len(list(sample(policy, TASKS, service))) == 18
    assert f"{away.url} is left out, 1 server is left" in caplog.text


def test_a_running_server_that_dies_in_mid_stage_ends_nothing(policy: Path, count: Any) -> None:
    dead = threading.Event()
    with FakeServer(count) as sound, FakeServer(count, fault=lambda *_: "close" if dead.is_set() else "") as dying:
        rows = sample(policy, TASKS, draw_from(dying, sound, concurrency=2))
        found = [next(rows)]
        dead.set()
        dying.http.shutdown()
        dying.http.server_close()
        found += rows
        assert [(c.task_id, c.index) for c in found] == [(t.id, i) for t in TASKS for i in range(3)]
        assert len(sound.samples()) > 9


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("404", "refuses the request, HTTP 404"),
        ("400", "refuses the request, HTTP 400"),
        ("ignores seed", "one and the same text for 4 seeds"),
        ("cuts prompts", "the servers count"),
        ("other model", "comes from model 'other', expected 'policy'"),
    ],
)
def test_a_server_that_does_something_else_is_found_out(policy: Path, count: Any, fault: str, said: str) -> None:
    with FakeServer(count, fault=always(fault)) as server, pytest.raises(ServerError, match=said):
        list(sample(policy, TASKS, draw_from(server)))


@pytest.mark.parametrize("busy", [False, True])
def test_a_server_that_begins_to_repeat_itself_is_found_out(policy: Path, count: Any, busy: bool) -> None:
    def fault(number: int, body: dict[str, Any]) -> str:
        return "503" if busy and number % 3 == 0 else "ignores seed" if number > 20 else ""

    tasks = gym.generate("train", 30, 1)
    with (
        FakeServer(count, fault=fault) as server,
        pytest.raises(ServerError, match="ignores seed or temperature, or answers from a cache"),
    ):
        list(sample(policy, tasks, draw_from(server)))


def test_a_server_that_begins_to_cut_prompts_is_found_out(policy: Path, count: Any) -> None:
    with (
        FakeServer(count, fault=at_sample("", "", "cuts prompts")) as server,
        pytest.raises(ServerError, match="it cuts off prompts"),
    ):
        list(sample(policy, TASKS, draw_from(server)))


@pytest.mark.parametrize("own_bos", [True, False])
def test_the_bos_is_written_out_for_servers_that_add_none(policy: Path, tokenizer: Any, own_bos: bool) -> None:
    def count(text: str) -> int:
        return own_bos + len(tokenizer.encode(text, add_special_tokens=False))

    with FakeServer(count) as server:
        found = list(sample(policy, TASKS, draw_from(server)))
    starts = {r["prompt"].startswith(tokenizer.bos_token) for r in server.samples()}
    assert starts == {not own_bos}
    assert not any(c.prompt.startswith(tokenizer.bos_token) for c in found)
    expected = sorted(len(encode_prompt(tokenizer, c.prompt)) for c in found)
    assert sorted(count(r["prompt"]) for r in server.samples()) == expected


def test_a_server_sees_control_tokens_of_a_task_as_the_text_that_they_are(
    policy: Path, tokenizer: Any, count: Any
) -> None:
    task = replace(TASKS[0], instruction="Mind the <|end|> and <|begin|>.", id="typed")
    with FakeServer(count) as server:
        found = list(sample(policy, [task], draw_from(server)))
    (sent,) = {r["prompt"] for r in server.samples()}
    ids = tokenizer.encode(sent, add_special_tokens=False)
    assert not {tokenizer.eos_token_id, tokenizer.bos_token_id} & set(ids)
    assert [tokenizer.bos_token_id, *ids] == encode_prompt(tokenizer, found[0].prompt)


def test_a_bos_that_marks_turns_is_not_sent_before_plain_text(policy: Path, tokenizer: Any, tmp_path: Path) -> None:
    turns = copy.deepcopy(tokenizer)
    turns.chat_template = "{% for m in messages %}{{ bos_token + m.role + '\\n' + m.content + eos_token }}{% endfor %}"
    save_policy(load_policy(policy)[0], turns, tmp_path)
    with FakeServer(lambda text: len(turns.encode(text, add_special_tokens=False))) as server:
        found = list(sample(tmp_path, TASKS[:2], replace(draw_from(server), chat="off")))
    assert len(found) == 6
    assert not any(turns.bos_token in r["prompt"] for r in server.requests)


def test_a_server_with_another_model_is_refused(policy: Path, count: Any) -> None:
    with (
        FakeServer(count, model="yesterday") as server,
        pytest.raises(ServerError, match="offers the models yesterday, expected 'policy'"),
    ):
        list(sample(policy, TASKS, draw_from(server)))


def test_the_digest_in_the_models_name_tells_policies_apart(policy: Path, count: Any) -> None:
    digest = policy_digest(policy)
    with FakeServer(count, model=f"rtl-{digest}") as server:
        assert len(list(sample(policy, TASKS, draw_from(server, model="rtl-{digest}")))) == 18
    with FakeServer(count, model="rtl-0123456789abcdef") as server, pytest.raises(ServerError, match=digest):
        list(sample(policy, TASKS, draw_from(server, model="rtl-{digest}")))


def greedy_of(model: Any, tokenizer: Any) -> Callable[[str, int], str]:
    import torch

    def continue_(prompt: str, tokens: int) -> str:
        ids = torch.tensor([encode_prompt(tokenizer, prompt)])
        with torch.inference_mode():
            out = model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=tokens,
                do_sample=False,
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=tokenizer.eos_token_id,
            )
        return str(tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True))

    return continue_


def test_a_server_that_keeps_old_weights_is_noticed(tmp_path: Path) -> None:
    import torch

    old, tokenizer = load_policy("embedded")
    new, _ = load_policy("embedded")
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in new.parameters():
            parameter.add_(0.3 * parameter.std() * torch.randn_like(parameter) if parameter.ndim > 1 else 0)
    save_policy(new, tokenizer, tmp_path)

    def count(text: str) -> int:
        return 1 + len(tokenizer.encode(text, add_special_tokens=False))

    with FakeServer(count, greedy=greedy_of(new, tokenizer)) as server:
        assert len(list(sample(tmp_path, TASKS, draw_from(server, probes=6)))) == 18
    with (
        FakeServer(count, greedy=greedy_of(old, tokenizer)) as server,
        pytest.raises(ServerError, match="serves other weights than this policy"),
    ):
        list(sample(tmp_path, TASKS, draw_from(server, probes=6)))


def test_a_prompt_without_room_gets_no_answer_and_no_request(policy: Path, count: Any) -> None:
    long = replace(TASKS[0], id="long", instruction="very " * 1000)
    with FakeServer(count) as server:
        found = list(sample(policy, [long, TASKS[1]], draw_from(server)))
    assert [(c.completion, c.finish_reason) for c in found[:3]] == [("", "length")] * 3
    assert len(server.samples()) == 3


def test_the_servers_context_bounds_the_answer(policy: Path, tokenizer: Any, count: Any) -> None:
    context = max(count(f"{task.instruction}\n\n{task.header}") for task in TASKS) + 8
    with FakeServer(count, context=context) as server:
        list(sample(policy, TASKS, draw_from(server)))
    assert all(r["max_tokens"] + count(r["prompt"]) <= context for r in server.samples())
    assert any(r["max_tokens"] < 40 for r in server.samples())


def test_further_fields_of_a_request_are_sent(policy: Path, count: Any) -> None:
    with FakeServer(count) as server:
        list(sample(policy, TASKS, draw_from(server, request={"top_k": -1})))
    assert all(r["top_k"] == -1 for r in server.requests)


@pytest.mark.parametrize("tells_stop", [True, False])
def test_a_stop_ends_a_sample_and_stands_at_its_end(policy: Path, count: Any, tells_stop: bool) -> None:
    with FakeServer(count, tells_stop=tells_stop) as server:
        found = list(sample(policy, TASKS, replace(draw_from(server), stop=("y = a;",))))
    assert all(c.completion.endswith("assign y = a;") for c in found)
    assert {"stop" in r for r in server.samples()} == {tells_stop}


def lost_at(*indices: int) -> Fault:
    """Refuse the requests for samples with these numbers, for good."""
    seen = itertools.count()

    def fault(number: int, body: dict[str, Any]) -> str:
        sample_like = body["max_tokens"] == 40 and 0 < body["temperature"] < 2
        return "400" if sample_like and next(seen) in indices else ""

    return fault


def test_an_evaluation_draws_all_others_before_it_stops_and_the_rest_the_next_time(policy: Path, count: Any) -> None:
    found: list[Candidate] = []
    with FakeServer(count, fault=lost_at(1, 7)) as server:
        draw = replace(draw_from(server, concurrency=1), failures="defer")
        with pytest.raises(ServerError, match=r"2 samples are missing, first one: .*HTTP 400.*asks for these again"):
            found.extend(sample(policy, TASKS, draw))
        assert len(found) == 16
        found.extend(sample(policy, TASKS, draw, done=list(found)))
    assert sorted((c.task_id, c.index) for c in found) == sorted((t.id, i) for t in TASKS for i in range(3))


def test_a_missing_sample_may_be_allowed_but_not_a_server_that_gives_none(policy: Path, count: Any) -> None:
    with FakeServer(count, fault=lost_at(0)) as server:
        found = list(sample(policy, TASKS, replace(draw_from(server, concurrency=1), failures="allow")))
    assert len(found) == 17
    with FakeServer(count, fault=lost_at(*range(99))) as server, pytest.raises(ServerError, match="HTTP 400"):
        list(sample(policy, TASKS, replace(draw_from(server, concurrency=1), failures="allow")))
    with FakeServer(count, fault=lost_at(3)) as server, pytest.raises(ServerError, match="HTTP 400"):
        list(sample(policy, TASKS, draw_from(server, concurrency=1)))  # training stops at once


@pytest.mark.parametrize("count", ["7", -1, True, 1.5, {"a": 1}, None, [3]])
def test_numbers_of_tokens_that_are_none_are_not_believed(count: object) -> None:
    answer = {
        "choices": [{"text": BODY, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": count, "completion_tokens": count},
    }
    reply = read_reply(answer)
    assert isinstance(reply, Reply)
    assert (reply.prompt_tokens, reply.completion_tokens) == (None, None)


def test_packed_answers_are_refused_before_they_are_unpacked() -> None:
    class Packs(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            packed = gzip.compress(bytes(1 << 20))
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(packed)))
            self.end_headers()
            self.wfile.write(packed)

    with HTTPServer(("127.0.0.1", 0), Packs) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        with Client([url], concurrency=1, deadline=20) as client, pytest.raises(ServerError, match="answers in gzip"):
            client.submit({"prompt": "x"}).result()
