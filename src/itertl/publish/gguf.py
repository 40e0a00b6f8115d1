"""A policy as one GGUF file, which llama.cpp and what stands on it (Ollama, LM Studio, ...) load.

llama.cpp's own convert_hf_to_gguf.py is used where it is given (`--converter`, or the variable LLAMA_CPP, which names
it or the folder that it lies in): it knows every family. Without it the package `gguf` writes models of the Llama
family whose tokenizer llama.cpp splits text by; anything else is refused, for other tokens would ruin a model silently.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from itertl.errors import ConfigError, MissingToolError, ToolError, UsageError
from itertl.policy.chat import marks_turns
from itertl.policy.gguf import require_gguf
from itertl.policy.weights import load_shape, load_tokenizer, load_weights
from itertl.publish.chosen import Chosen
from itertl.publish.weights import write_whole

VARIABLE, SCRIPT = "LLAMA_CPP", "convert_hf_to_gguf.py"
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
DIGITS = {"type": "Digits", "individual_digits": True}
_SPLITS = {"gpt-2": [BYTE_LEVEL], "smollm": [DIGITS, BYTE_LEVEL]}  # llama.cpp's names of them
_ROWS = 10  # of what a converter says, at its end


def find_converter(given: Path | None) -> Path | None:
    """Return llama.cpp's converter, None where nobody names one; raise UsageError where it is not where it should."""
    named = given or (Path(found) if (found := os.environ.get(VARIABLE)) else None)
    if named is None:
        return None
    script = named / SCRIPT if named.is_dir() else named
    if not script.is_file():
        where = "--converter" if given else f"the variable {VARIABLE}"
        raise UsageError(f"{where} names {named}: expected llama.cpp's {SCRIPT}, or the folder that it lies in")
    return script


def refuse_model(chosen: Chosen) -> None:
    """Raise UsageError where the package gguf alone cannot write the policy, with the reason."""
    require_gguf()
    shape = load_shape(chosen.policy, chosen.revision)
    reason = _fault_of(shape)
    if not reason and split_of(load_tokenizer(chosen.policy, chosen.revision)) is None:
        reason = "its tokenizer splits text in a way that has no name in llama.cpp"
    if reason:
        raise UsageError(
            f"iteration {chosen.iteration} of {chosen.run.path} cannot be written as GGUF here: {reason}. Give "
            f"llama.cpp's {SCRIPT} by --converter or the variable {VARIABLE}, which may know it, or use --what merged"
        )


def write_gguf(chosen: Chosen, out: Path, script: Path | None) -> None:
    """Write NAME.gguf into `out`; raise ToolError with what the converter said where it fails."""
    file = out / f"{chosen.title}.gguf"
    with tempfile.TemporaryDirectory(prefix="merged-", dir=out) as name:
        write_whole(chosen, Path(name))
        if script is None:
            write_llama(Path(name), file, chosen.title)
        else:
            _convert(script, Path(name), file)


def split_of(tokenizer: Any) -> str | None:
    """Return llama.cpp's name for the way in which a byte-level BPE splits text, None where it has none."""
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    if state["model"]["type"] != "BPE" or state.get("normalizer"):
        return None
    whole = state["pre_tokenizer"] or {}
    parts = whole.get("pretokenizers", [whole])
    for name, wanted in _SPLITS.items():
        if len(parts) == len(wanted) and all(w.items() <= p.items() for w, p in zip(wanted, parts, strict=True)):
            return name
    return None


def write_llama(folder: Path, file: Path, name: str) -> None:
    """Write the model of the Llama family in `folder` as a GGUF file, its matrices in the precision that they have."""
    import gguf
    import torch

    model, tokenizer = load_weights(folder, dtype="auto"), load_tokenizer(folder)
    config, layers = model.config, model.config.num_hidden_layers
    halved = config.dtype == torch.bfloat16
    kind = gguf.GGMLQuantizationType.BF16 if halved else gguf.GGMLQuantizationType.F32
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, layers)
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_name(name)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_BF16 if halved else gguf.LlamaFileType.ALL_F32)
    _describe_shape(writer, config)
    _describe_tokenizer(writer, tokenizer, config.vocab_size)
    for key, value in model.state_dict().items():
        if key == "lm_head.weight" and config.tie_word_embeddings:
            continue
        renamed = names.get_name(key, try_suffixes=(".weight",))
        if renamed is None:
            raise UsageError(f"the weight {key} has no place in a GGUF file of the Llama family: use --what merged")
        if "q_proj" in key or "k_proj" in key:
            value = _paired(value, config.num_attention_heads if "q_proj" in key else config.num_key_value_heads)
        chosen = kind if value.dim() > 1 else gguf.GGMLQuantizationType.F32
        writer.add_tensor(renamed, gguf.quants.quantize(value.float().numpy(), chosen), raw_dtype=chosen)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _fault_of(config: Any) -> str:
    """Return why a model's shape is not that of a plain Llama, "" where it is."""
    if config.model_type != "llama":
        return f"the package gguf writes the Llama family alone, and this is {config.model_type}"
    if getattr(config, "attention_bias", False) or getattr(config, "mlp_bias", False):
        return "its layers have biases"
    if (kind := config.rope_parameters.get("rope_type", "default")) != "default":
        return f"its positions are stretched ({kind})"
    return ""


def _describe_shape(writer: Any, config: Any) -> None:
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)


def _describe_tokenizer(writer: Any, tokenizer: Any, vocabulary: int) -> None:
    """Describe the vocabulary; rows of the embedding beyond it get names of their own, as llama.cpp gives them."""
    import gguf

    split = split_of(tokenizer)
    if split is None:
        raise ConfigError("the tokenizer splits text in a way that has no name in llama.cpp")
    added = tokenizer.added_tokens_decoder
    tokens = [tokenizer.convert_ids_to_tokens(i) or f"[PAD{i}]" for i in range(len(tokenizer))]
    kinds = [
        gguf.TokenType.CONTROL
        if i in added and added[i].special
        else (gguf.TokenType.USER_DEFINED if i in added else gguf.TokenType.NORMAL)
        for i in range(len(tokenizer))
    ]
    beyond = range(len(tokenizer), vocabulary)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(split)
    writer.add_token_list([*tokens, *(f"[PAD{i}]" for i in beyond)])
    writer.add_token_types([*kinds, *(gguf.TokenType.UNUSED for _ in beyond)])
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_token_merges([pair if isinstance(pair, str) else " ".join(pair) for pair in merges])
    for role in ("bos", "eos", "unk", "pad"):
        if (token := getattr(tokenizer, f"{role}_token_id")) is not None:
            getattr(writer, f"add_{role}_token_id")(token)
    writer.add_add_bos_token(tokenizer.bos_token_id is not None and not marks_turns(tokenizer))
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)


def _paired(weight: Any, heads: int) -> Any:
    """Reorder rows [heads * 2 * half, width] from halves, as transformers rotates them, to neighbouring pairs."""
    rows, width = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, width).swapaxes(1, 2).reshape(rows, width).contiguous()


def _convert(script: Path, folder: Path, file: Path) -> None:
    argv = [sys.executable, str(script), str(folder), "--outfile", str(file)]
    try:
        found = subprocess.run(argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise MissingToolError(f"{script} cannot be started: {error.strerror}") from error
    if found.returncode or not file.is_file():
        said = "\n  ".join((found.stderr or found.stdout).strip().splitlines()[-_ROWS:])
        raise ToolError(f"{script} ended with status {found.returncode} and wrote no {file.name}. It says:\n  {said}")
