"""A tiny Llama as a GGUF file, written as llama.cpp's converter writes one."""

from pathlib import Path
from typing import Any, ClassVar

import gguf
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from itertl.config import TinyConfig
from itertl.policy.tiny import build_tiny
from itertl.tasks import gym

BOS, EOS = "<|im_start|>", "<|im_end|>"
TURNS = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


class SmallConfig(TinyConfig):
    """A shape with more heads and fewer words than a tiny policy has."""

    vocabulary: ClassVar[int] = 400
    context: ClassVar[int] = 512
    head: ClassVar[int] = 8


SHAPE = SmallConfig(width=32, layers=2)
NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def chat_tokenizer() -> Any:
    """A byte-level BPE with a token per digit and turns, as SmolLM2's, trained on a few gym tasks."""
    tokenizer = Tokenizer(models.BPE())
    digits, words = pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, words])
    tokenizer.decoder = decoders.ByteLevel()
    special, alphabet = ["<|endoftext|>", BOS, EOS], pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=SHAPE.vocabulary, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator([t.instruction + t.reference for t in gym.generate("base", 200, 1)], trainer)
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token=special[0], bos_token=BOS, eos_token=EOS, pad_token=EOS
    )
    made.chat_template = TURNS
    return made


def chat_model(tokenizer: Any) -> Any:
    """A Llama with random weights that are bfloat16 numbers, kept in float32."""
    return build_tiny(SHAPE, tokenizer, seed=1).bfloat16().float()


def write_gguf(
    file: Path,
    model: Any,
    tokenizer: Any,
    *,
    family: str = "llama",
    split: str = "smollm",
    quantization: gguf.GGMLQuantizationType = gguf.GGMLQuantizationType.F32,
    without: str | None = None,
) -> Path:
    """Write the model; `split` names how text is cut before merges apply, `without` a weight that is left out."""
    writer = gguf.GGUFWriter(file, family)
    _describe_model(writer, model.config)
    _describe_tokenizer(writer, tokenizer, split)
    for name, value in model.state_dict().items():
        if name == "lm_head.weight" or (renamed := _renamed(name)) == without:
            continue
        if "q_proj" in name or "k_proj" in name:
            heads = model.config.num_attention_heads if "q_proj" in name else model.config.num_key_value_heads
            value = _rotary_by_pairs(value, heads)
        kind = quantization if value.dim() == 2 else gguf.GGMLQuantizationType.F32
        writer.add_tensor(renamed, gguf.quants.quantize(value.numpy(), kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _describe_model(writer: gguf.GGUFWriter, config: Any) -> None:
    writer.add_name("Tiny chat")
    writer.add_license("mit")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(config.vocab_size)


def _describe_tokenizer(writer: gguf.GGUFWriter, tokenizer: Any, split: str) -> None:
    import json

    tokens = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    control = set(tokenizer.all_special_tokens)
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(split)
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL if t in control else gguf.TokenType.NORMAL for t in tokens])
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_unk_token_id(tokenizer.unk_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_add_bos_token(False)
    writer.add_chat_template(tokenizer.chat_template)


def _renamed(name: str) -> str:
    if name == "model.embed_tokens.weight":
        return "token_embd.weight"
    if name == "model.norm.weight":
        return "output_norm.weight"
    _, _, layer, rest = name.split(".", 3)
    return f"blk.{layer}.{NAMES[rest.removesuffix('.weight')]}.weight"


def _rotary_by_pairs(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """Reorder rows from halves, as Hugging Face rotates them, to neighbouring pairs, as llama.cpp does."""
    rows, width = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, width).swapaxes(1, 2).reshape(rows, width).contiguous()
