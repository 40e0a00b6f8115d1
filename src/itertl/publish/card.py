"""Cards: what a policy or a data set is, where it comes from and what was measured, read from its run.

text = model_card(choose(Path("runs/quickstart"), "best"), "merged")

Every figure is the run's own; what the run does not know is said to be unknown. Licence fields are those that the run
has noted of its base, unless one is given.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from itertl import words
from itertl.disk import names
from itertl.disk.run_dir import read_config
from itertl.publish.chosen import Chosen
from itertl.publish.samples import COLUMNS, Counted
from itertl.report.figures import arm_names
from itertl.report.parsing import mapping, rows
from itertl.report.reading import Run, read_run

TAGS = ["verilog", "rtl", "hardware", "itertl"]
UNKNOWN = "not noted by the run: look at where the base comes from"
_VERIFICATION = (
    "`passed` says that a design gave the reference's outputs under stimuli that follow from the reference, in a "
    "simulation that the design can neither read nor end; it is no proof of equivalence."
)


def model_card(chosen: Chosen, what: str, licence: str = "") -> str:
    """Return the README.md of a policy's folder: metadata of the hub in front, then the card."""
    run = chosen.run
    known = licence or chosen.origin.get("licence", "")
    head: dict[str, Any] = {
        "pipeline_tag": "text-generation",
        "library_name": {"adapters": "peft", "gguf": "gguf"}.get(what, "transformers"),
        "tags": [*TAGS, *({"adapters": ["lora"], "gguf": ["gguf"]}.get(what, []))],
        **_licence(known),
    }
    if chosen.hub:
        head["base_model"] = chosen.hub
        head["base_model_relation"] = "adapter" if what == "adapters" else "finetune"
    parts = [
        _front(head),
        f"# {chosen.title}\n",
        f"A language model for Verilog, iteration {chosen.iteration} of the run `{run.name}` of itertl: trained "
        f"{'on references and on its own samples, which EDA tools had judged' if chosen.iteration else 'on references'}"
        ".\n",
        _use(chosen, what),
        _origin(chosen, known),
        _data(run),
        _method(chosen),
        _results(run),
        _tools(run),
    ]
    return "\n".join(part for part in parts if part)


def dataset_card(root: Path, counted: Counted, licence: str = "") -> str:
    """Return the README.md of a folder of samples, by which `datasets.load_dataset` finds the splits."""
    run = read_run(root)
    files = [{"split": split, "path": f"data/{split}-*.parquet"} for split in counted.splits]
    head = {
        "pretty_name": f"{run.name}: judged Verilog samples",
        "tags": [*TAGS, "code"],
        "task_categories": ["text-generation"],
        **_licence(licence),
        "configs": [{"config_name": "default", "data_files": files}],
    }
    outcomes = "\n".join(f"| {name} | {count} |" for name, count in counted.outcomes.most_common())
    columns = "\n".join(f"| `{c.name}` | `{c.type}` | {c.meaning} |" for c in COLUMNS)
    splits = ", ".join(f"{count} of `{split}`" for split, count in counted.splits.items())
    return "\n".join(
        [
            _front(head),
            f"# Judged Verilog samples of the run {run.name}\n",
            f"{words.counted(counted.rows, 'samples')} ({splits}) that policies drew for tasks, each with what EDA "
            f"tools found out about it and its score `{read_config(root).score}`. `train` was drawn for training, "
            "`validation` on the tasks that choose the best iteration. Samples of benchmarks are left out, so that "
            "nobody trains on them.\n",
            f"{_VERIFICATION}\n",
            '```python\nimport datasets\n\nsamples = datasets.load_dataset("FOLDER", split="train")\n```\n',
            f"## Columns\n\n| column | type | is |\n|---|---|---|\n{columns}\n",
            f"## Outcomes\n\n| outcome | samples |\n|---|---|\n{outcomes}\n",
            _data(run),
            _tools(run),
            f"## Licence\n\n{licence or 'Of the tasks and of what the model may be used for: not noted by the run.'}\n",
        ]
    )


def _front(head: Mapping[str, Any]) -> str:
    return f"---\n{yaml.safe_dump(dict(head), sort_keys=False, allow_unicode=True)}---\n"


def _licence(known: str) -> dict[str, str]:
    """Return the hub's licence fields; a licence that is no single word goes under its own name."""
    if not known:
        return {}
    if len(known.split()) == 1:
        return {"license": known.lower()}
    return {"license": "other", "license_name": known}


def _use(chosen: Chosen, what: str) -> str:
    prompt = chosen.config.policy.prompt
    asked = f"Prompts are rendered by the template\n\n```\n{prompt}\n```\n\n"
    asked += "(`policy.chat` is " + f"`{chosen.config.policy.chat}`); the answer goes on behind it.\n"
    if what == "gguf":
        return f"## Use\n\n```sh\nllama-cli -m {chosen.title}.gguf -p PROMPT\n```\n\n{asked}"
    library, auto = (
        ("peft", "AutoPeftModelForCausalLM") if what == "adapters" else ("transformers", "AutoModelForCausalLM")
    )
    imports = f"from {library} import {auto}" + (
        ", AutoTokenizer" if library == "transformers" else "\nfrom transformers import AutoTokenizer"
    )
    code = f'{imports}\n\nmodel = {auto}.from_pretrained("FOLDER")\ntokenizer = AutoTokenizer.from_pretrained("FOLDER")'
    return f"## Use\n\n```python\n{code}\n```\n\n{asked}"


def _origin(chosen: Chosen, known: str) -> str:
    if chosen.hub:
        base = f"[{chosen.hub}](https://huggingface.co/{chosen.hub})" + (
            f" at revision `{chosen.revision}`" if chosen.revision else ""
        )
    elif chosen.origin:
        base = f"{chosen.origin['model']}; weights from {chosen.origin['source']}"
    else:
        base = f"`{chosen.base}`" if chosen.base else "a tiny model, made and pretrained by the run itself"
    here = chosen.adapters and not chosen.hub
    note = "\nThe base is no model of the hub: adapters alone are of use only where it lies.\n" if here else ""
    return f"## Base and licence\n\n- base: {base}\n- licence: {known or UNKNOWN}\n{note}"


def _data(run: Run) -> str:
    """Return what the run's tasks are."""
    suites = Counter(str(row.get("suite") or "tasks") for row in run.tasks.values())
    versions = sorted(
        {t for row in run.tasks.values() for t in row.get("tags") or () if isinstance(t, str) and t.startswith("gym:")}
    )
    source = mapping(run.config.get("tasks")).get("file")
    lines = [f"| {suite} | {count} |" for suite, count in sorted(suites.items())]
    said = f"from the file `{Path(str(source)).name}`" if source else "generated by itertl's gym"
    if versions and not source:
        said += f" ({', '.join(versions)})"
    pairs = sum(1 for _ in rows(run.path / names.AUDIT, []))
    audit = f"{pairs} pairs of training tasks and benchmark problems were found similar."
    table = "\n".join(["| tasks of | number |", "|---|---|", *lines])
    return f"## Data\n\nTasks are {said}.\n\n{table}\n\n" + (
        f"{audit}\n" if (run.path / names.AUDIT).is_file() else "The run has not looked for benchmark problems in it.\n"
    )


def _method(chosen: Chosen) -> str:
    config = chosen.config
    rank = f"adapters of rank {config.policy.lora.rank}" if chosen.adapters else "all weights"
    drawn = words.counted(config.sampling.candidates, "samples")
    lines = [
        f"- objective `{config.training.objective}`, score `{config.score}`, {rank}",
        f"- {drawn} a task and iteration at temperature {config.sampling.temperature:g}",
        f"- seed {config.seed}, {words.counted(config.iterations, 'iterations')} planned",
    ]
    return "## Method\n\nITERTL ([arXiv 2407.12022](https://arxiv.org/abs/2407.12022)).\n\n" + "\n".join(lines) + "\n"


def _results(run: Run) -> str:
    """Return pass@k of the arms with intervals, and the gains."""
    arms = arm_names(run)
    found = [("dev", "warm start" if n == 0 else f"iteration {n}", e) for n, e in run.evaluated]
    found += [(suite, arms[arm], e) for suite, each in run.finals.items() for arm, e in each.items() if arm in arms]
    if not found:
        return "## Results\n\nThe run has measured nothing yet.\n"
    ks = sorted({k for *_, e in found for k in e.pass_at})
    head = _row(["suite", "policy", "problems", "samples", *(f"pass@{k}" for k in ks)])
    lines = [
        _row([suite, policy, e.problems, e.samples, *(e.pass_at[k].rounded(3) if k in e.pass_at else "-" for k in ks)])
        for suite, policy, e in found
    ]
    gains = [f"- {suite}: {gain.signed()}" for suite, gain in run.gains.items()]
    said = "\nPass@1 of the best iteration minus that of the warm start, paired, by suite:\n\n" if gains else ""
    table = "\n".join([head, "|" + "---|" * (4 + len(ks)), *lines])
    return (
        "## Results\n\nIn brackets: 95 % intervals over problems. `dev` chose the best iteration, the other suites did "
        f"not.\n\n{table}\n{said}" + "\n".join(gains) + f"\n\n{_VERIFICATION}\n"
    )


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _tools(run: Run) -> str:
    """Return the versions that the run was started with."""
    found = {**mapping(run.environment.get("packages")), **mapping(run.environment.get("tools"))}
    if run.environment.get("python"):
        found["python"] = run.environment["python"]
    listed = ", ".join(f"{name} {version}" for name, version in found.items() if version)
    return f"## Versions\n\n{listed or 'not noted'}\n"
