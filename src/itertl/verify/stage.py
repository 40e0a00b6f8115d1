"""Verification as a stage of a run: settings from the config, progress, and a bound on failing tools."""

import dataclasses
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from itertl.config import VerifyConfig
from itertl.disk.artefacts import Stream
from itertl.disk.index import Index
from itertl.disk.sides import is_aside
from itertl.outcome import Outcome
from itertl.progress import Advance, progress
from itertl.records import Candidate, Task, Verdict
from itertl.verify.engine import verify
from itertl.verify.settings import VerifySettings
from itertl.verify.tool_errors import bounded


def settings_from(config: VerifyConfig) -> VerifySettings:
    """Return the engine's settings that the config asks for; references are cross-checked when they are read."""
    names = {field.name for field in dataclasses.fields(VerifySettings)}
    asked = {key: value for key, value in config.model_dump().items() if key in names}
    found = VerifySettings(**asked, cycles=config.steps, vectors=config.steps)
    return dataclasses.replace(found, cross_check="off") if found.cross_check == "references" else found


def answered(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Yield the candidates that there is an answer of: nothing is said about the others."""
    return (candidate for candidate in candidates if not candidate.missing)


def counted(
    candidates: Iterable[Candidate], advance: Advance, key: Callable[[Candidate], Hashable]
) -> Iterator[Candidate]:
    """Yield the candidates, and tell `advance` how many distinct ones there are as soon as that is known.

    Those that are all there are counted before the first one; of those that are still being drawn it is known at the
    end.
    """
    if isinstance(candidates, Sequence) or (isinstance(candidates, Stream) and candidates.path.exists()):
        advance.expect(len({key(candidate) for candidate in answered(candidates)}))
    seen = Index()
    for candidate in answered(candidates):
        seen.add(repr(key(candidate)))
        yield candidate
    advance.expect(len(seen))


def verify_stage(
    candidates: Iterable[Candidate], tasks: Sequence[Task], config: VerifyConfig, *, done: Sequence[Verdict] = ()
) -> Iterator[Verdict]:
    """Yield one verdict per distinct candidate, after the ones in `done`, while `candidates` are still being drawn.

    Tool errors among `done` are tried again; the later verdict on a design counts. Raise ToolError where more than
    `tool_error_share` of the verdicts are the tools' failures, at the end, or as soon as there is nothing else any
    more: such a run would measure the machine, not the policy.
    """
    sound = [verdict for verdict in done if fault(verdict) is None]
    with progress("verifying, beside" if is_aside() else "verifying", None, unit="verdicts") as advance:
        advance.found(len(sound))
        drawn = counted(candidates, advance, lambda candidate: (candidate.task_id, candidate.code_id))
        settings = settings_from(config)
        for verdict in bounded(verify(drawn, tasks, settings, done=sound), config.tool_error_share, fault, len(sound)):
            advance(1)
            yield verdict


def fault(verdict: Verdict) -> str | None:
    """Return what a tool error says, None for a verdict."""
    return verdict.detail if verdict.outcome is Outcome.TOOL_ERROR else None
