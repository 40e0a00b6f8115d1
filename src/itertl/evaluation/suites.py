"""Evaluation suites: sets of tasks on which policies are compared.

    gym-test  gym-shifted  gym-unseen        generated; see itertl.tasks.gym
    a directory of VerilogEval v2            ProbNNN_name_{prompt.txt,ref.sv,test.sv}, spec-to-rtl

Verdicts on VerilogEval here come from the reference design under our own stimuli, not from the suite's testbench.
"""

from pathlib import Path

from itertl.config import Config
from itertl.errors import UsageError
from itertl.records import Task
from itertl.tasks import gym
from itertl.tasks.header import rename_module, top_first

TOP = "TopModule"
GYM = ("test", "shifted", "unseen")


def load_suite(name: str, config: Config) -> list[Task]:
    """Return the tasks of a suite; raise UsageError where `name` is neither a known suite nor a directory of one."""
    if name.startswith("gym-") and name.removeprefix("gym-") in GYM:
        split = name.removeprefix("gym-")
        count = getattr(config.tasks.gym, split)
        limit = config.tasks.limit
        return gym.generate(split, min(count, limit) if limit else count, config.seed)
    if Path(name).is_dir():
        return read_verilog_eval(Path(name))[: config.tasks.limit]
    known = ", ".join(f"gym-{split}" for split in GYM)
    raise UsageError(f"there is no suite {name!r}: expected {known}, or a directory of VerilogEval v2 problems")


def suite_name(suite: str) -> str:
    """Return the name under which results of a suite are filed: its own, or that of its folder."""
    return Path(suite).name


def read_verilog_eval(folder: Path) -> list[Task]:
    """Read VerilogEval v2's spec-to-rtl problems (github.com/NVlabs/verilog-eval, folder dataset_spec-to-rtl).

    The header, which the prompt describes in words, is taken from the reference, so that a policy is asked to write a
    body. Raise UsageError where the folder holds no problems.
    """
    prompts = sorted(folder.glob("Prob*_prompt.txt"))
    if not prompts:
        raise UsageError(
            f"{folder} holds no Prob*_prompt.txt; expected the folder dataset_spec-to-rtl of VerilogEval v2"
        )
    tasks = []
    for prompt in prompts:
        name = prompt.name.removesuffix("_prompt.txt")
        design = rename_module((folder / f"{name}_ref.sv").read_text(encoding="utf-8"), "RefModule", TOP)
        reference, header, _ = top_first(design, TOP)
        bench = folder / f"{name}_test.sv"
        tasks.append(
            Task(
                id=name,
                instruction=prompt.read_text(encoding="utf-8").strip(),
                header=header,
                reference=reference,
                top=TOP,
                suite="verilogeval-v2-spec-to-rtl",
                testbench=bench.read_text(encoding="utf-8") if bench.exists() else "",
            )
        )
    return tasks
