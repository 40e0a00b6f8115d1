"""Weights of a policy for other programs: adapters with the name of their base, or everything in one model.

write_adapters(chosen, folder)          peft.AutoPeftModelForCausalLM.from_pretrained(folder)
write_whole(chosen, folder)             transformers.AutoModelForCausalLM.from_pretrained(folder)
"""

import shutil
from pathlib import Path

import peft
import transformers

from itertl.policy.adapters import WEIGHTS, write_merged, write_settings
from itertl.policy.folder import follow, pass_on_origin
from itertl.policy.load import load_policy
from itertl.policy.weights import load_tokenizer, save_policy
from itertl.publish.chosen import Chosen

MODEL = ("*.safetensors", "*.safetensors.index.json", "config.json", "generation_config.json")


def write_adapters(chosen: Chosen, out: Path) -> None:
    """Write adapters, peft's settings and the tokenizer; the base is named as it is on the hub, else by its folder."""
    policy = Path(chosen.policy)
    shutil.copyfile(policy / WEIGHTS, out / WEIGHTS)
    base = chosen.hub or str(Path(follow(chosen.base)[0]).resolve())
    write_settings(peft.PeftConfig.from_pretrained(policy), base, chosen.revision if chosen.hub else None, out)
    _write_tokenizer(policy, out)


def write_whole(chosen: Chosen, out: Path) -> None:
    """Write the whole model: adapters merged in float32 and stored as the run computes, other weights as they are."""
    source, revision = follow(chosen.policy, chosen.revision)
    folder = Path(source)
    if chosen.adapters:
        write_merged(folder, out, "float32" if chosen.config.policy.dtype == "float32" else "bfloat16")
    elif folder.is_dir():
        for pattern in MODEL:
            for file in sorted(folder.glob(pattern)):
                shutil.copyfile(file, out / file.name)
        if not (out / "generation_config.json").is_file():
            model, _ = load_policy(folder)
            model.generation_config.save_pretrained(out)
        _write_tokenizer(folder, out)
    else:
        save_policy(*load_policy(source, revision), out)
    pass_on_origin(source, out) if folder.is_dir() else None


def _write_tokenizer(folder: Path, out: Path) -> None:
    tokenizer = load_tokenizer(folder)
    assert isinstance(tokenizer, transformers.PreTrainedTokenizerBase)
    tokenizer.save_pretrained(out)
