"""The stages of the loop that make a policy: the base model, its warm start, and an iteration's training.

Each fills a folder `out` in Hugging Face format, and continues from what an interrupted call left in it.
"""

import functools
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from itertl.config import Config, LoraConfig, OptimizerConfig, PolicyConfig, TrainingConfig
from itertl.policy.folder import absolute, pass_on_origin, write_pointer
from itertl.policy.prompt import prompt_renderer, render_prompt, response
from itertl.policy.tiny import build_tiny, build_tokenizer
from itertl.policy.weights import load_tokenizer, pinned, save_policy
from itertl.progress import progress
from itertl.records import Group, Task
from itertl.tasks import gym
from itertl.training.checkpoint import drop_checkpoints
from itertl.training.groups import Past
from itertl.training.job import Job
from itertl.training.launch import run_job
from itertl.training.saved import check_saved
from itertl.training.scorer import Scorer
from itertl.training.trainer import fit

TOKENIZER_TASKS = 2000  # of the pretraining tasks, how many the tokenizer is trained on
DEFECTS = 0.33  # share of the pretraining tasks whose reference carries an injected defect
READING_RATE = 3e-3  # peak of pretraining, for AdamW


def obtain_base(policy: PolicyConfig, seed: int, *, out: Path) -> None:
    """Point to the configured model, its revision pinned, or build a tiny one and let it read generated tasks."""
    if policy.path is not None:
        load_tokenizer(policy.path, policy.revision)
        write_pointer(out, absolute(policy.path), pinned(policy.path, policy.revision))
        pass_on_origin(policy.path, out)
        return
    tasks = gym.generate("base", policy.pretrain.tasks or TOKENIZER_TASKS, seed)
    groups = list(_corpus(tasks, policy, seed))
    texts = (group.prompt + group.reference for group in groups[:TOKENIZER_TASKS])
    tokenizer = build_tokenizer(texts, policy.tiny.vocabulary)
    model = build_tiny(policy.tiny, tokenizer, seed)
    if policy.pretrain.tasks:
        _pretrain(Scorer(model, policy.dtype), tokenizer, groups, policy, seed, out)
    else:
        save_policy(model, tokenizer, out)


def warm_start(base: Path, tasks: Sequence[Task], references: frozenset[str], config: Config, *, out: Path) -> None:
    """Train the base model by MLE on the references, or point to it where the config asks for no warm start."""
    if config.warm_start.passes == 0:
        write_pointer(out, "../base", None)
        return
    settings = config.training.model_copy(
        update={
            "objective": "mle",
            "parameters": {},
            "steps": None,
            **config.warm_start.model_dump(),
        },
    )
    tokenizer = load_tokenizer(base)
    render = prompt_renderer(tokenizer, config.policy.prompt, config.policy.chat, config.policy.system)
    known = [task for task in tasks if task.id in references]
    groups = [_reference_group(task, response(task, config.policy.prompt), render(task)) for task in known]
    run_job(Job(str(base), groups, settings, config.policy, config.seed, out), "warm start")
    pass_on_origin(base, out)
    drop_checkpoints(out)


def train(
    policy: Path, groups: Iterable[Group], config: Config, iteration: int, past: Sequence[Past] = (), *, out: Path
) -> None:
    """Train the policy of the iteration before on this iteration's groups, and again on those of `past` ones."""
    seed = config.seed * 1000 + iteration
    replayed = [(made, list(old)) for made, old in past]
    job = Job(str(policy), list(groups), config.training, config.policy, seed, out, replayed)
    run_job(job, f"training, iteration {iteration}")
    pass_on_origin(policy, out)
    drop_checkpoints(out)


def _pretrain(
    scorer: Scorer, tokenizer: Any, groups: Sequence[Group], policy: PolicyConfig, seed: int, out: Path
) -> None:
    """Let a tiny model read the corpus once; save it in `out`."""
    settings = TrainingConfig(
        objective="mle",
        optimizer=OptimizerConfig(name="muon"),
        learning_rate=READING_RATE,
        groups_per_step=16,
    )
    track = functools.partial(progress, "pretraining", unit="steps")
    seen = fit(scorer, tokenizer, groups, settings, seed, out, track=track)
    save_policy(scorer.model, tokenizer, out)
    check_saved(out, seen, policy.model_copy(update={"lora": LoraConfig()}))
    drop_checkpoints(out)


def _corpus(tasks: Sequence[Task], policy: PolicyConfig, seed: int) -> Iterable[Group]:
    rng = random.Random(f"defects:{seed}")
    for task in tasks:
        body = task.body
        if rng.random() < DEFECTS:
            body = gym.defects.inject(task.reference, rng) or task.reference
            body = body.removeprefix(task.header)
        yield _reference_group(task, body, render_prompt(task, policy.prompt))


def _reference_group(task: Task, body: str, prompt: str) -> Group:
    return Group(task.id, prompt, body, (), (), (), ())
