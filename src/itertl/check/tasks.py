"""The first training tasks of a config: are their references right, how are they told, how long are they?"""

from collections.abc import Iterator, Sequence

from itertl.check.finding import Finding, Status
from itertl.check.model import Model
from itertl.config import Config
from itertl.errors import ItertlError
from itertl.records import Task
from itertl.words import counted

TASKS_READ = 200  # tasks whose prompts are measured
REFERENCES_VERIFIED = 16


def first_tasks(config: Config) -> list[Task]:
    """Return the first training tasks of a config, as they are in the file or as the gym generates them."""
    from itertl.tasks import gym
    from itertl.tasks.files import read_tasks

    if config.tasks.file is not None:
        return read_tasks(config.tasks.file)[:TASKS_READ]
    asked = config.tasks.gym
    return gym.generate("train", min(TASKS_READ, asked.train), config.seed, **asked.told)


def references(tasks: Sequence[Task], config: Config) -> Finding:
    from itertl.verify.references import check_references
    from itertl.verify.stage import settings_from

    step = max(1, len(tasks) // REFERENCES_VERIFIED)
    some = list(tasks)[::step][:REFERENCES_VERIFIED]
    try:
        faults = [fault for fault in check_references(some, settings_from(config.verify)) if fault]
    except ItertlError as error:
        return Finding("references", Status.FAIL, str(error), "run `itertl doctor`")
    if not faults:
        return Finding("references", Status.OK, f"{len(some)} of {len(tasks)} verified, all pass their own check")
    status = Status.FAIL if len(faults) == len(some) else Status.WARN
    fix = "a run drops such tasks" if status is Status.WARN else "give references that stand alone"
    return Finding("references", status, f"{len(faults)} of {len(some)} fail, first one: {faults[0]}", fix)


def prompts(tasks: Sequence[Task], model: Model, config: Config) -> Iterator[Finding]:
    """Yield how prompts are rendered, and whether they and the answers fit into the context."""
    from itertl.policy.chat import QUESTION, takes_turns, turn_opener
    from itertl.policy.prompt import encode_prompt, encode_target, prompt_renderer, response

    policy, limit = config.policy, config.sampling.max_new_tokens
    try:
        turns = takes_turns(model.tokenizer, policy.chat)
        render_task = prompt_renderer(model.tokenizer, policy.prompt, policy.chat, policy.system)
    except ItertlError as error:
        yield Finding("chat template", Status.FAIL, str(error), "correct policy.chat")
        return
    how = "tasks are plain text that the model continues"
    if turns:
        opener = turn_opener(model.tokenizer, policy.system, answer=True, begun="{header}" in policy.prompt)
        how = f"tasks are put into the chat template, answers behind {opener(QUESTION).rpartition(QUESTION)[2]!r}"
    yield Finding("chat template", Status.OK, f"{how}; EOS {model.tokenizer.eos_token!r}")
    if not tasks or model.shape is None:
        return
    context = model.shape.context
    asked = [len(encode_prompt(model.tokenizer, render_task(task))) for task in tasks]
    answers = [len(encode_target(model.tokenizer, response(task, policy.prompt))) for task in tasks]
    full = sum(length >= context for length in asked)
    found = f"prompts up to {max(asked)} tokens, references up to {max(answers)}, context {context}"
    if full:
        status = Status.FAIL if full == len(asked) else Status.WARN
        yield Finding(
            "lengths",
            status,
            f"{found}; {counted(full, 'prompts leave', 'prompt leaves')} no room",
            "leave long tasks out",
        )
    elif max(asked) + limit > context:
        fix = "samples of long prompts are cut off earlier; lower sampling.max_new_tokens"
        yield Finding("lengths", Status.WARN, f"{found}, sampling.max_new_tokens {limit}", fix)
    elif long := sum(length > limit for length in answers):
        share = f"{long} of {len(answers)} references are longer than sampling.max_new_tokens={limit}"
        yield Finding("lengths", Status.WARN, f"{found}; {share}", "raise sampling.max_new_tokens")
    else:
        yield Finding("lengths", Status.OK, f"{found}, answers up to {limit}")
