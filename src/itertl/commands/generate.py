"""`itertl generate`: designs for an instruction, drawn from a model and verified, and the best of them."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from itertl.commands.benches import task_of_bench
from itertl.commands.outputs import DESIGN, check_output
from itertl.commands.policy import find_policy, require_server, require_training, run_config
from itertl.commands.sources import read_source
from itertl.commands.tables import print_code
from itertl.config import Config, load_config
from itertl.errors import UsageError
from itertl.evaluation.consensus import alike
from itertl.outcome import Outcome, Reason
from itertl.records import Candidate, Submission, Task, Verdict
from itertl.sampling import Draw, sample
from itertl.suites.presets import Wanted, asked_in_turns, configs_for
from itertl.verify import VerifySettings, elaborates_alone, verify
from itertl.verify.judge import STUCK, UNDRIVEN
from itertl.verilog.header import top_first
from itertl.words import counted

# What is no answer, because nothing could be compared with it.
_USELESS: Mapping[Reason | None, str] = {
    Reason.UNDRIVEN: f"the design {UNDRIVEN}",
    Reason.STUCK_REFERENCE: f"the design {STUCK}",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be designed, and how it is drawn: `values` and `overrides` by the config's keys.

    `servers` are URLs of chat APIs that offer the model; none means a model that is here.
    """

    instruction: str
    header: str
    reference: Path | None
    values: Mapping[str, Any]
    config: Path | None = None
    overrides: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    testbench: Path | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A distinct design with what speaks for it: its verdict, how often it was drawn, and how many samples agree."""

    candidate: Candidate
    verdict: Verdict
    drawn: int
    agreeing: int

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        verdict = {k: v for k, v in self.verdict.to_dict().items() if k in ("outcome", "agreement", "detail")}
        counts = {"drawn": self.drawn, "agreeing": self.agreeing}
        return {"code_id": self.candidate.code_id, **verdict, **counts, "code": self.candidate.code}


def generate_design(asked: Asked, model: str, out: Path | None, as_json: bool, console: Console) -> int:
    """Draw designs for an instruction, verify them, and give the best; return 0 if it passes, 3 if tools fail, else 1.

    With a reference a design passes if it equals that, with a testbench if that says so. With neither it passes if it
    elaborates, and the best is one on whose behaviour most samples agree. `out` receives the best design if it passes.
    """
    check_output(out, DESIGN, (asked.reference, asked.testbench, asked.config))
    _check_words(asked)
    text = read_source(asked.reference) if asked.reference else ""
    design, own_header, top = top_first(text or asked.header)
    task = Task("generate", asked.instruction, asked.header or own_header, design if text else "", top)
    if asked.testbench is not None and not text:
        task = task_of_bench(asked.testbench, "", top, asked.instruction, asked.header)
    judged = bool(text or task.testbench)
    candidates = _drawn(asked, model, task)
    choices = _by_reference(task, candidates) if judged else _by_agreement(task, candidates)
    best, passing = choices[0], [choice for choice in choices if choice.verdict.passed]
    if as_json:
        rows = [choice.to_dict() for choice in choices]
        console.print_json(json.dumps({"samples": len(candidates), "passed": best.verdict.passed, "designs": rows}))
    else:
        what = "pass the testbench" if task.testbench else "equal the reference" if text else "elaborate"
        _tell(best, sum(choice.drawn for choice in passing), len(candidates), what, console)
    if out is not None and best.verdict.passed:
        out.write_text(best.candidate.code.rstrip() + "\n", encoding="utf-8")
        said = f"written: {out}"
    else:
        said = f"{out} is not written: no candidate passes" if out is not None else ""
    if said and not as_json:
        console.print(said, highlight=False, markup=False, soft_wrap=True)
    return 0 if best.verdict.passed else 3 if best.verdict.outcome is Outcome.TOOL_ERROR else 1


def _check_words(asked: Asked) -> None:
    """Raise UsageError where nothing is asked for, or the header is no head of a module."""
    if not asked.instruction.strip():
        raise UsageError("the instruction is empty; expected what to design, in words")
    head = top_first(asked.header)[1].rstrip()
    if asked.header.strip() and not head.endswith(";"):
        raise UsageError(
            f"--header {asked.header!r} is no head of a module; expected one up to its semicolon, such as "
            "'module top(input a, output y);'"
        )


def _drawn(asked: Asked, model: str, task: Task) -> list[Candidate]:
    if asked.servers:
        require_server()
        base = load_config(asked.config) if asked.config else Config()
        values = {**asked_in_turns(base, model, asked.servers, bool(task.header)), **asked.values}
        policy = None
    else:
        require_training()
        base = load_config(asked.config) if asked.config else run_config(model) or Config()
        policy, values = str(find_policy(model)), dict(asked.values)
    (config,) = configs_for(base, policy, Wanted("generate", values, asked.overrides)).values()
    draw = replace(Draw.for_evaluation(config, "generate", 0), failures="refuse")  # nothing is kept to go on from
    return list(sample(Path(policy or ""), [task], draw))


def _by_reference(task: Task, candidates: Sequence[Candidate]) -> list[Choice]:
    """Return the distinct designs, best first: by outcome, by agreement with the reference, by how often drawn."""
    votes = Counter(candidate.code_id for candidate in candidates)
    verdicts = {verdict.code_id: verdict for verdict in verify(candidates, [task], VerifySettings(own_bench=True))}
    choices = [
        Choice(candidate, verdicts[name], votes[name], votes[name])
        for name, candidate in {c.code_id: c for c in reversed(candidates)}.items()
    ]
    return sorted(choices, key=lambda c: (-_rank(c.verdict), -c.verdict.agreement, -c.drawn))


def _by_agreement(task: Task, candidates: Sequence[Candidate]) -> list[Choice]:
    """Return the distinct designs, best first: by outcome, by how many samples behave alike, by how often drawn."""
    votes = Counter(candidate.code_id for candidate in candidates)
    distinct = {candidate.code_id: candidate for candidate in reversed(candidates)}
    verdicts = {name: _elaboration(candidate, task) for name, candidate in distinct.items()}
    sound = [candidate for candidate in candidates if verdicts[candidate.code_id].passed]
    agreeing = {name: sum(votes[one] for one in group) for group in alike(task, sound) for name in group}
    choices = [Choice(c, verdicts[name], votes[name], agreeing.get(name, 0)) for name, c in distinct.items()]
    return sorted(choices, key=lambda c: (-_rank(c.verdict), -c.agreeing, -c.drawn))


def _rank(verdict: Verdict) -> int:
    """Return how much an outcome speaks for a design; what says nothing about it comes last."""
    return list(Outcome).index(verdict.outcome) if verdict.outcome.judged else -1


def _elaboration(candidate: Candidate, task: Task) -> Verdict:
    """Without a reference, all that can be said of one design: it elaborates alone, and does something, or not."""
    if not candidate.code:
        return Verdict(task.id, candidate.code_id, Outcome.EMPTY, detail="no complete module in the text")
    code, header, top = top_first(candidate.code, task.top)
    alone, itself = Task(task.id, "", header, "", top), Task(task.id, "", header, code, top)
    (found,) = verify([Submission.whole(task.id, code)], [alone])  # the guard, before anybody trusts it as a reference
    if found.reason is Reason.NO_REFERENCE:
        (found,) = verify([Submission.whole(task.id, code)], [itself])
        if found.passed:
            found = replace(found, detail="elaborates")
        elif found.reason in _USELESS:
            found = replace(found, outcome=Outcome.REJECTED, detail=_USELESS[found.reason])
        elif found.reason is Reason.UNFIT_REFERENCE and found.outcome is Outcome.TOOL_ERROR:
            right, message = elaborates_alone(code, top)
            said = f"nothing could be compared with it: {found.detail}" if right else message
            outcome = Outcome.REJECTED if right else Outcome.ELABORATION_ERROR
            found = replace(found, outcome=outcome, detail=said)
    return replace(found, code_id=candidate.code_id)


def _tell(best: Choice, passing: int, samples: int, what: str, console: Console) -> None:
    if best.candidate.code:
        print_code(best.candidate.code, console)
    said = best.verdict.detail or best.verdict.outcome.value.replace("_", " ")
    times = "once" if best.drawn == 1 else f"{best.drawn} times"
    which = "this one" if best.candidate.code else "the most frequent text"
    console.print(
        f"{passing} of {counted(samples, 'candidates')} {what}; {which}, drawn {times}: {said}", highlight=False
    )
    if best.verdict.unexercised:
        facts = "; ".join(best.verdict.unexercised)
        console.print(f"not exercised: {facts}", highlight=False, markup=False, soft_wrap=True)
    if what == "elaborate" and best.verdict.passed:
        alone = "without --reference nothing says that this is what was asked for"
        console.print(f"{best.agreeing} of {samples} behave as it does; {alone}", highlight=False)
