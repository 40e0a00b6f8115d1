"""Sampling from OpenAI-compatible servers: one seeded request per sample, in a fixed order, nothing made up.

    server.urls + server.model       servers that run already
    server.vllm_python               an interpreter with vllm: one `vllm` server per stage
    server.command                   any other engine, such as transformers serve

Rows come in the order of tasks and indices whatever the order of the answers, so an interrupted stage continues behind
its last row. Whether the same seed draws the same text is up to the server: engines that batch what arrives together
repeat it nearly, not exactly. A sample that no server gives is an error, never an empty candidate; an evaluation
(`Draw.failures`) draws all others first, and the same command asks for the rest again.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from itertl.errors import ServerError
from itertl.policy.prompt import encode_prompt, prompt_renderer
from itertl.progress import progress
from itertl.records import Candidate, Task
from itertl.sampling.candidate import drawn_before, make_candidate, sample_seed
from itertl.sampling.checks import (
    Manner,
    check_model,
    check_reply,
    check_variety,
    check_weights,
    find_manner,
)
from itertl.sampling.client import Client, Reply, UnreachableError, in_order
from itertl.sampling.draw import Draw, Service
from itertl.sampling.lost import Lost
from itertl.sampling.managed import Endpoint, Source, serving
from itertl.sampling.shared import Shared
from itertl.sampling.vllm import size_for
from itertl.sampling.waiting import await_servers

SUSPICIOUS = 8  # tasks in a row whose samples are all alike, after which the server is asked again
PROBED = 2  # prompts whose tokens are counted before the start
SEEDS = 2**31  # some servers keep seeds in 32 bit
log = logging.getLogger("itertl")
_loading = threading.RLock()  # models are read, and written for servers, for one stage at a time


@dataclass(frozen=True)
class Order:
    """One sample to be drawn: everything but the weights that decide it."""

    task: Task
    index: int
    prompt: str
    prompt_tokens: int
    max_tokens: int


def sample(
    policy: Path, tasks: Sequence[Task], draw: Draw, service: Service, *, done: Iterable[Candidate] = ()
) -> Iterator[Candidate]:
    """Yield `draw.samples` candidates for each task, task by task; those in `done` are not yielded again.

    Raise ServerError where the servers do not give a sample in time, or show that they serve something else.
    """
    from itertl.policy.folder import policy_digest
    from itertl.policy.weights import load_shape, load_tokenizer

    digest = policy_digest(policy)
    known = drawn_before(done, digest)
    wanted = [(task, i) for task in tasks for i in range(draw.samples) if (task.id, i) not in known]
    if not wanted:
        return
    with _loading:
        tokenizer = load_tokenizer(policy)
        render = prompt_renderer(tokenizer, draw.template, draw.chat, draw.system, draw.begin)
        source = _source(policy, draw, service)
        _free_device()
    ask = partial(_asking, source, digest, service, draw.seed)
    with _servers.held((source, digest, service, draw.seed), ask) as (endpoint, client):
        context = min([int(load_shape(policy).max_position_embeddings), *_offered_contexts(client, endpoint, service)])
        orders = list(_orders(wanted, render, tokenizer, context, draw.max_new_tokens))
        base = {"model": endpoint.model, **service.request}
        manner = _probe(client, base, orders, policy, tokenizer, draw, service, endpoint)
        if draw.stop and manner.tells_stop:  # of the others nobody knows whether they cut the stop off
            base["stop"] = list(draw.stop)
        with progress(f"sampling, {draw.stream}", len(tasks) * draw.samples, unit="samples") as advance:
            advance.found(len(known))
            lost = Lost(draw.failures)
            for order, reply in _replies(client, base, orders, manner.spelling, draw, service):
                if isinstance(reply, ServerError):
                    lost.add(order.task.id, order.index, reply)
                    continue
                lost.in_a_row = 0
                yield _candidate(order, reply, draw, digest, endpoint.model)
                advance(1, tokens=(reply and reply.completion_tokens) or 0)
            lost.check()


@contextmanager
def _asking(source: Source, digest: str, service: Service, seed: int) -> Iterator[tuple[Endpoint, Client]]:
    """Yield servers of a policy, started where they do not run, and what sends them requests."""
    with (
        serving(source, digest, service, seed) as endpoint,
        Client(endpoint.urls, concurrency=service.concurrency, deadline=service.deadline, gone=endpoint.gone) as client,
    ):
        yield endpoint, client


_servers: Shared[tuple[Endpoint, Client]] = Shared()  # two stages that sample one policy at once share them


def _source(policy: Path, draw: Draw, service: Service) -> Source:
    """Return what a managed server loads: adapters as they are where it takes them, else whole weights."""
    from itertl.policy.folder import BASE, adapter_rank, follow, read_pointer
    from itertl.policy.kept import loses, read_kept
    from itertl.policy.load import weights_folder

    if not service.command:
        if draw.dtype != "float32" and loses(policy):
            log.warning(
                "servers that round the float32 weights of %s to bfloat16 keep %.1f %% of its last update; let them "
                "compute in float32, or load what itertl.policy.models.weights_folder writes",
                policy,
                100 * read_kept(policy)["nearest"],
            )
        return Source("")
    folder, _ = follow(policy)
    rank = adapter_rank(folder)
    if rank and service.adapters and (size := size_for(rank)):
        return Source(folder, weights_folder(*read_pointer(folder, BASE)), size)
    return Source(weights_folder(policy, dtype=draw.dtype))


def _free_device() -> None:
    """Give back what an earlier stage of this process still holds of the GPU."""
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _offered_contexts(client: Client, endpoint: Endpoint, service: Service) -> list[int]:
    if endpoint.managed:  # started on the policy's directory, and asked for by that name
        return []
    await_servers(client, service.deadline)
    contexts: list[int] = []
    for url in client.urls:
        try:
            contexts.append(check_model(client, url, endpoint.model) or 0)
        except UnreachableError as error:
            client.leave_out(url, str(error))
    return [context for context in contexts if context]


def _orders(
    wanted: Sequence[tuple[Task, int]], render: Any, tokenizer: Any, context: int, limit: int
) -> Iterator[Order]:
    prompts: dict[str, tuple[str, int]] = {}
    for task, index in wanted:
        if task.id not in prompts:
            text = render(task)
            prompts[task.id] = (text, len(encode_prompt(tokenizer, text)))
        text, count = prompts[task.id]
        yield Order(task, index, text, count, min(limit, context - count))


def _probe(
    client: Client,
    base: Mapping[str, Any],
    orders: Sequence[Order],
    policy: Path,
    tokenizer: Any,
    draw: Draw,
    service: Service,
    endpoint: Endpoint,
) -> Manner:
    """Check the servers, see `itertl.sampling.checks`, and return how they want to be asked."""
    fitting = [order for order in orders if order.max_tokens > 0]
    counts = {order.prompt: order.prompt_tokens for order in fitting}
    if not counts:
        return Manner(str, counts=False, tells_stop=False)
    ends = sorted(counts, key=lambda prompt: counts[prompt])
    asked = dict.fromkeys([ends[0], ends[-1]][:PROBED])
    manner = find_manner(client, base, {prompt: counts[prompt] for prompt in asked}, tokenizer.bos_token)
    if not manner.counts:
        log.warning("%s: no usage.prompt_tokens in the answers; prompts are not checked", ", ".join(client.urls))
    body = {**base, "prompt": manner.spelling(ends[0])}
    for url in client.urls:
        if draw.temperature > 0:
            check_variety(client, body, url)
    if not endpoint.managed and service.probes:
        from itertl.sampling.in_process import expect_greedy

        with _loading:
            expected = expect_greedy(policy, list(counts)[: service.probes], draw)
        for url in client.urls:
            check_weights(client, base, expected, manner.spelling, url)
    return manner


def _replies(
    client: Client,
    base: Mapping[str, Any],
    orders: Sequence[Order],
    spelling: Callable[[str], str],
    draw: Draw,
    service: Service,
) -> Iterator[tuple[Order, Reply | ServerError | None]]:
    """Yield each order with its reply or its error, in order; None where the prompt leaves no room for an answer."""
    asked = (
        (o, {**base, "prompt": spelling(o.prompt), **_settings(o, draw)} if o.max_tokens > 0 else None) for o in orders
    )
    alike = 0
    by_task = groupby(in_order(client, asked, service.concurrency), key=lambda pair: pair[0].task.id)
    for _, pairs in by_task:
        texts = []
        for order, reply in pairs:
            texts.append(reply.text if isinstance(reply, Reply) else "")
            yield order, reply
        alike = alike + 1 if len(texts) > 1 and len(set(texts)) == 1 and isinstance(reply, Reply) else 0
        if alike >= SUSPICIOUS and draw.temperature > 0:
            for url in client.ready:  # where none is, the next task asks again
                check_variety(client, {**base, "prompt": spelling(order.prompt)}, url)
                alike = 0


def _settings(order: Order, draw: Draw) -> dict[str, Any]:
    return {
        "max_tokens": order.max_tokens,
        "temperature": draw.temperature,
        "top_p": draw.top_p,
        "seed": sample_seed(draw.seed, draw.stream, order.task.id, order.index) % SEEDS,
    }


def _candidate(order: Order, reply: Reply | None, draw: Draw, policy: str, model: str) -> Candidate:
    if reply is None:
        return make_candidate(order.task, order.index, draw, policy, order.prompt, "", ended=False)
    check_reply(reply, model, order.prompt_tokens, order.max_tokens, f"task {order.task.id}, sample {order.index}")
    text = reply.text
    if reply.stop_reason in draw.stop and not text.endswith(reply.stop_reason or ""):
        text += reply.stop_reason or ""  # written by the policy, and held back by the server
    ended = reply.finish_reason == "stop"
    return make_candidate(order.task, order.index, draw, policy, order.prompt, text, ended=ended)
