"""A run's policy or samples as one folder: `itertl export RUN DIR`.

    about = export(Path("runs/quickstart"), Path("out"), Wanted(what="merged"))
    python -c "import transformers; transformers.AutoModelForCausalLM.from_pretrained('out')"

adapters  adapters, settings and tokenizer, as peft opens them        merged  whole weights, as transformers does
gguf      one file for llama.cpp and what stands on it                samples what was drawn, judged, as Parquet
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import itertl
from itertl.errors import UsageError
from itertl.policy.folder import policy_digest
from itertl.publish.card import dataset_card, model_card
from itertl.publish.chosen import BEST, Chosen, choose
from itertl.publish.folder import filled, refuse_folder
from itertl.publish.samples import require_parquet, write_samples

ADAPTERS, MERGED, GGUF, SAMPLES = KINDS = ("adapters", "merged", "gguf", "samples")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What to export: one of KINDS ("" for adapters where there are some, else merged), of which iteration.

    `licence` goes into the card in the place of what the run knows; `converter` is llama.cpp's convert_hf_to_gguf.py.
    """

    what: str = ""
    iteration: str = BEST
    licence: str = ""
    converter: Path | None = None

    def __post_init__(self) -> None:
        """Raise UsageError for a kind that there is not, before anything of a run is read."""
        if self.what and self.what not in KINDS:
            raise UsageError(f"--what expects one of {', '.join(KINDS)}, found {self.what!r}")


def export(root: Path, out: Path, wanted: Wanted) -> dict[str, Any]:
    """Write the folder `out` and return what is noted of it in its itertl.json, without the files.

    Raise UsageError for what cannot be exported, before anything is loaded; MissingToolError where a package is absent.
    """
    refuse_folder(out)
    return export_samples(root, out, wanted) if wanted.what == SAMPLES else export_policy(root, out, wanted)


def export_policy(root: Path, out: Path, wanted: Wanted) -> dict[str, Any]:
    """Write a policy's folder with its model card."""
    chosen = choose(root, wanted.iteration)
    what = kind_of(chosen, wanted.what)
    fill = _writer(chosen, what, wanted.converter)
    digest = policy_digest(chosen.policy, chosen.revision)
    about = {"what": what, "run": chosen.run.name, "iteration": chosen.iteration, "policy": digest}
    about["itertl"] = itertl.__version__
    with filled(out, about) as partial:
        fill(partial)
        (partial / "README.md").write_text(model_card(chosen, what, wanted.licence), encoding="utf-8")
    return about


def export_samples(root: Path, out: Path, wanted: Wanted) -> dict[str, Any]:
    """Write the judged samples of an iteration, or with "best", which is none in particular, those of all."""
    require_parquet()
    about: dict[str, Any] = {"what": SAMPLES, "run": root.resolve().name, "itertl": itertl.__version__}
    only = None if wanted.iteration == BEST else wanted.iteration
    with filled(out, about) as partial:
        counted = write_samples(root, partial, only)
        (partial / "README.md").write_text(dataset_card(root, counted, wanted.licence), encoding="utf-8")
    return {**about, "rows": counted.rows}


def kind_of(chosen: Chosen, what: str) -> str:
    """Return what is exported of a policy; raise UsageError where it has no adapters."""
    what = what or (ADAPTERS if chosen.adapters else MERGED)
    if what == ADAPTERS and not chosen.adapters:
        raise UsageError(
            f"iteration {chosen.iteration} of {chosen.run.path} is a whole model without adapters: use --what merged"
        )
    return what


def _writer(chosen: Chosen, what: str, converter: Path | None) -> Callable[[Path], None]:
    """Return the function that fills the folder; raise what is wrong with it beforehand."""
    from itertl.publish import gguf, weights  # torch

    if what == ADAPTERS:
        return lambda partial: weights.write_adapters(chosen, partial)
    if what == MERGED:
        return lambda partial: weights.write_whole(chosen, partial)
    script = gguf.find_converter(converter)
    if script is None:
        gguf.refuse_model(chosen)
    return lambda partial: gguf.write_gguf(chosen, partial, script)
