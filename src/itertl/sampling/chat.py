"""Sampling from chat APIs: any model behind /v1/chat/completions, of which neither weights nor tokenizer are here.

    server: {urls: ["http://127.0.0.1:11434"], model: "qwen2.5-coder:7b", chat: true}

A task is one user's turn; the answer is prose with a module in it, or the module alone. What a model thinks aloud, in
the text or in a field of its own, is kept in the record and is no answer. What cannot be known of such a server, how
many tokens a prompt has and which weights draw, is not checked: the name of the model stands for the weights.

One seeded request per sample, rows in the order of tasks and indices: an interrupted stage continues behind its last
row. Tokens are counted as the server reports them; where `budget` of them are spent, nothing more is asked for.
"""

import dataclasses
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from itertl.errors import ServerError
from itertl.identity import digest
from itertl.policy.prompt import render_prompt
from itertl.progress import progress
from itertl.records import Candidate, Task
from itertl.sampling.candidate import drawn_before, make_candidate, sample_seed
from itertl.sampling.client import CHAT, Client, Reply, in_order
from itertl.sampling.draw import Draw, Service
from itertl.sampling.lost import Lost
from itertl.sampling.waiting import await_servers

UNCHECKED = "tokens of the prompts and weights of the served model"
SEEDS = 2**31  # some servers keep seeds in 32 bit
THINKING = "<think>\n{thinking}\n</think>\n\n{text}"
log = logging.getLogger("itertl")


def sample(
    tasks: Sequence[Task], draw: Draw, service: Service, *, done: Iterable[Candidate] = ()
) -> Iterator[Candidate]:
    """Yield `draw.samples` candidates for each task, task by task; those in `done` are not yielded again.

    Raise ServerError where the servers do not give a sample in time, or the budget of tokens is spent.
    """
    name = served(service)
    known = drawn_before(done, name)
    wanted = [(task, i) for task in tasks for i in range(draw.samples) if (task.id, i) not in known]
    lost, spent = Lost(draw.failures), 0
    with ExitStack() as stack:
        client = stack.enter_context(
            Client(service.servers, concurrency=service.concurrency, deadline=service.deadline, kind=CHAT)
        )
        if wanted:
            await_servers(client, service.deadline)
        advance = stack.enter_context(progress(f"sampling, {draw.stream}", len(tasks) * draw.samples, unit="samples"))
        advance.found(len(known))
        asked = (((task, i), request(task, i, draw, service)) for task, i in wanted)
        for (task, index), reply in in_order(client, asked, service.concurrency):
            if isinstance(reply, ServerError):
                lost.add(task.id, index, reply)
                continue
            lost.in_a_row = 0
            yield _candidate(task, index, reply, draw, name)
            spent += (reply.prompt_tokens or 0) + (reply.completion_tokens or 0)
            advance(1, tokens=reply.completion_tokens or 0)
            _refuse_beyond(service.budget, spent)
    log.info("%s: %d tokens, of prompts and answers together", draw.stream, spent)
    lost.check()


def served(service: Service) -> str:
    """Return what stands for the digest of the weights: the model's name, and what is asked for besides it."""
    further = f" with {digest(repr(sorted(service.request.items())))[:8]}" if service.request else ""
    return f"served {service.model}{further}"


def request(task: Task, index: int, draw: Draw, service: Service) -> dict[str, Any]:
    """Return the body of a request; fields of `service.request` win, and one that is None is left out."""
    turns = [{"role": "system", "content": draw.system}] if draw.system else []
    turns.append({"role": "user", "content": render_prompt(task, draw.template)})
    body = {
        "model": service.model,
        "messages": turns,
        "max_tokens": draw.max_new_tokens,
        "temperature": draw.temperature,
        "top_p": draw.top_p,
        "seed": sample_seed(draw.seed, draw.stream, task.id, index) % SEEDS,
        **({"stop": list(draw.stop)} if draw.stop else {}),
        **service.request,
    }
    return {key: value for key, value in body.items() if value is not None}


def _candidate(task: Task, index: int, reply: Reply, draw: Draw, name: str) -> Candidate:
    text = reply.text
    if reply.stop_reason in draw.stop and not text.endswith(reply.stop_reason or ""):
        text += reply.stop_reason or ""
    ended = reply.finish_reason == "stop"
    answer = make_candidate(task, index, draw, name, render_prompt(task, draw.template), text, ended=ended)
    if not reply.thinking:
        return answer
    said = THINKING.format(thinking=reply.thinking.strip(), text=answer.completion)
    return dataclasses.replace(answer, completion=said)


def _refuse_beyond(budget: int | None, spent: int) -> None:
    if budget is not None and spent >= budget:
        raise ServerError(
            f"{spent} tokens are spent, server.budget={budget} are allowed: the rows so far are kept, and the same "
            "command goes on with a higher budget"
        )
