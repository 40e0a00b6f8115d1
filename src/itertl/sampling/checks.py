"""What a server is asked before it is trusted with a stage, and what each of its answers must show.

Servers accept fields that they do not know, and answer with HTTP 200. So their answers are what is checked:

    check_model     the server offers the model
    find_manner     it sees as many prompt tokens as training does: one BOS, nothing cut off, no template of its own
    check_variety   other seeds give other texts at a high temperature
    check_weights   greedy continuations are the policy's own, up to near ties of its logits
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from itertl.errors import ServerError
from itertl.sampling.client import Client, Reply, awaited

Spelling = Callable[[str], str]  # from the rendered prompt to the text that is sent
VARIETY_SEEDS = (11, 12, 13, 14)
VARIETY_TEMPERATURE = 2.0
VARIETY_TOKENS = 32
GREEDY_TOKENS = 32
NEAR_TIE = 0.5  # nats: what is closer may turn with the arithmetic (bfloat16, another kernel)


@dataclass(frozen=True)
class Expected:
    """Greedy continuation of a prompt by the policy itself: text after each token, and the lead of that token.

    `lead` is the difference between the largest and the second largest logit, in nats.
    """

    prompt: str
    texts: tuple[str, ...]
    leads: tuple[float, ...]


@dataclass(frozen=True)
class Manner:
    """How a server is to be asked: the spelling of prompts; whether it counts their tokens, and tells what stopped."""

    spelling: Spelling
    counts: bool
    tells_stop: bool


def check_model(client: Client, url: str, model: str) -> int | None:
    """Return the context (tokens) that a server tells for `model`, None where it tells none.

    Raise ServerError where the server does not offer the model: it serves another one, or weights of before.
    """
    offered = offered_models(client, url)
    for row in offered:
        if row.get("id") == model:
            limit = row.get("max_model_len")
            return int(limit) if limit else None
    names = ", ".join(str(row.get("id")) for row in offered) or "none"
    raise ServerError(
        f"{url} offers the models {names}, expected {model!r}: serve the policy of this stage under that name, or "
        "correct server.model"
    )


def offered_models(client: Client, url: str) -> list[dict[str, Any]]:
    """Return the rows of a server's list of models; raise ServerError where it gives none."""
    listing = client.get(f"{url}/v1/models")
    rows = listing.get("data") if isinstance(listing, dict) else None
    return [row for row in rows or [] if isinstance(row, dict)]


def check_reply(reply: Reply, model: str, prompt_tokens: int, max_tokens: int, where: str) -> None:
    """Raise ServerError where an answer comes from another model, or to another prompt or limit, than was asked."""
    if reply.model and reply.model.partition("@")[0] != model:
        raise ServerError(f"{where}: the answer comes from model {reply.model!r}, expected {model!r}")
    if reply.prompt_tokens is not None and reply.prompt_tokens != prompt_tokens:
        raise ServerError(
            f"{where}: the server counts {reply.prompt_tokens} prompt tokens, expected {prompt_tokens}: it cuts off "
            "prompts, adds special tokens or a template of its own, or has another tokenizer"
        )
    if reply.completion_tokens is not None and reply.completion_tokens > max_tokens:
        raise ServerError(f"{where}: the server wrote {reply.completion_tokens} tokens, asked for at most {max_tokens}")


def find_manner(client: Client, body: Mapping[str, Any], prompts: Mapping[str, int], bos: str | None) -> Manner:
    """Return how the servers want prompts, so that all of them see the `prompts`' token counts.

    Servers tokenise text; some put the BOS in front and some do not, so that `bos` is written out, or left out. Raise
    ServerError where no spelling gives the right counts.
    """

    def plain(text: str) -> str:
        return text

    def with_bos(text: str) -> str:
        return f"{bos}{text}"

    def without_bos(text: str) -> str:
        return text.removeprefix(bos or "")

    seen: list[int | None] = []
    for spelling in (plain, with_bos, without_bos) if bos else (plain,):
        replies = [
            awaited(client.submit({**body, "prompt": spelling(prompt), "max_tokens": 1, "temperature": 0.0}, url))
            for url in client.urls
            for prompt in prompts
        ]
        tells_stop = all(reply.tells_stop for reply in replies)
        counts = [reply.prompt_tokens for reply in replies]
        if counts[0] is None:
            return Manner(plain, counts=False, tells_stop=tells_stop)
        if counts == [*prompts.values()] * len(client.urls):
            return Manner(spelling, counts=True, tells_stop=tells_stop)
        seen = seen or counts
    raise ServerError(
        f"{', '.join(client.urls)}: the servers count {seen} tokens in prompts of {list(prompts.values())}: they cut "
        "off prompts, add a template of their own, or have another tokenizer"
    )


def check_variety(client: Client, body: Mapping[str, Any], url: str) -> None:
    """Raise ServerError where a server draws the same text from different seeds at a high temperature."""
    futures = [
        client.submit(
            {**body, "seed": seed, "temperature": VARIETY_TEMPERATURE, "top_p": 1.0, "max_tokens": VARIETY_TOKENS}, url
        )
        for seed in VARIETY_SEEDS
    ]
    texts = {awaited(future).text for future in futures}
    if len(texts) == 1:
        raise ServerError(
            f"{url} gives one and the same text for {len(VARIETY_SEEDS)} seeds at temperature "
            f"{VARIETY_TEMPERATURE:g}: it ignores seed or temperature, or answers from a cache; see server.request "
            f"for fields that it wants (text: {next(iter(texts))[:60]!r})"
        )


def check_weights(
    client: Client, body: Mapping[str, Any], expected: Sequence[Expected], spelling: Spelling, url: str
) -> None:
    """Raise ServerError where a server's greedy continuations are not the policy's.

    One that differs where the policy was decided is enough, and so are more than half that differ at all. A server
    whose weights differ by little can pass: only a name with {digest} tells policies apart for certain.
    """
    futures = [
        client.submit(
            {**body, "prompt": spelling(e.prompt), "temperature": 0.0, "top_p": 1.0, "max_tokens": GREEDY_TOKENS}, url
        )
        for e in expected
    ]
    leads, example = [], ""
    for each, future in zip(expected, futures, strict=True):
        found = awaited(future).text
        step = next((i for i, text in enumerate(each.texts) if not found.startswith(text)), None)
        if step is not None:
            leads.append(each.leads[step])
            example = f"{found[:80]!r}, expected {each.texts[-1][:80]!r}"
    if leads and (max(leads) > NEAR_TIE or len(leads) > len(expected) / 2):
        raise ServerError(
            f"{url} serves other weights than this policy: {len(leads)} of {len(expected)} greedy continuations "
            f"differ, such as {example}; load the policy of this stage, or use {{digest}} in server.model"
        )
