"""`itertl generate`: designs for an instruction, drawn from a model and verified."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.syntax import Syntax

from itertl.commands.policy import find_policy, require_training, run_config
from itertl.commands.sources import read_source
from itertl.config import Config, load_config
from itertl.outcome import Outcome
from itertl.records import Candidate, Task, Verdict
from itertl.sampling import Draw, sample
from itertl.suites.presets import Wanted, configs_for
from itertl.verify import elaborates_alone, verify
from itertl.verilog.header import top_first


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be designed, and how it is drawn: `values` and `overrides` by the config's keys."""

    instruction: str
    header: str
    reference: Path | None
    values: Mapping[str, Any]
    config: Path | None = None
    overrides: tuple[str, ...] = ()


def generate_design(wish: Wish, model: str, console: Console) -> None:
    """Draw designs for an instruction, verify them and print the best; of equals, the one drawn most often."""
    require_training()
    text = read_source(wish.reference) if wish.reference else ""
    design, own_header, top = top_first(text or wish.header)
    task = Task("generate", wish.instruction, wish.header or own_header, design if text else "", top)
    policy = find_policy(model)
    base = load_config(wish.config) if wish.config else run_config(model) or Config()
    (config,) = configs_for(base, str(policy), Wanted("generate", wish.values, wish.overrides)).values()
    candidates = list(sample(policy, [task], Draw.for_evaluation(config, "generate", 0)))
    verdicts = list(verify(candidates, [task])) if text else [_elaboration(c, task) for c in candidates]
    by_code = {verdict.code_id: verdict for verdict in verdicts}
    order, votes = list(Outcome), Counter(candidate.code_id for candidate in candidates)
    best = max(
        candidates,
        key=lambda c: (
            order.index(by_code[c.code_id].outcome),
            by_code[c.code_id].agreement,
            votes[c.code_id],
            -c.index,
        ),
    )
    verdict = by_code[best.code_id]
    good = sum(by_code[candidate.code_id].passed for candidate in candidates)
    console.print(Syntax(best.code or best.completion, "verilog", background_color="default"))
    what = "equal the reference" if text else "elaborate (without --reference their function is not checked)"
    said = verdict.detail or verdict.outcome.value.replace("_", " ")
    console.print(f"{good} of {len(candidates)} candidates {what}; this one, drawn {votes[best.code_id]} times: {said}")


def _elaboration(candidate: Candidate, task: Task) -> Verdict:
    """Without a reference, all that can be said: the code elaborates alone or not."""
    if not candidate.code:
        return Verdict(task.id, candidate.code_id, Outcome.EMPTY, detail="no complete module in the text")
    right, message = elaborates_alone(candidate.code, task.top or None)
    outcome = Outcome.PASSED if right else Outcome.ELABORATION_ERROR
    return Verdict(task.id, candidate.code_id, outcome, detail="elaborates" if right else message)
