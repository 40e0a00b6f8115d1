"""GGUF files as policies: the same model and the same tokens come out, once; what is no such file is refused."""

import json
from pathlib import Path
from typing import Any

import gguf
import pytest
import torch
from tests.policy.tiny_gguf import chat_model, chat_tokenizer, write_gguf

from itertl.check import Status
from itertl.check.model import load_model as check_model
from itertl.config import parse_config
from itertl.errors import ConfigError, RunDirectoryError
from itertl.policy.chat import takes_turns
from itertl.policy.folder import absolute, follow, policy_digest, read_pointer
from itertl.policy.gguf import converted, origin_of, read_config
from itertl.policy.load import load_policy
from itertl.policy.prompt import encode_prompt, prompt_renderer
from itertl.tasks import gym
from itertl.training.stages import obtain_base, warm_start

TEXTS = ["a  1 b", "    assign y = 8'd12;\n\n  end", "reg [31:0] q; // 1024 words of 16 bits, don't"]


@pytest.fixture(scope="module")
def parts() -> tuple[Any, Any]:
    tokenizer = chat_tokenizer()
    return chat_model(tokenizer), tokenizer


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "itertl" / "models"


@pytest.fixture
def file(tmp_path: Path, parts: tuple[Any, Any]) -> Path:
    return write_gguf(tmp_path / "tiny.gguf", *parts)


def test_the_converted_model_is_the_one_in_the_file(file: Path, parts: tuple[Any, Any]) -> None:
    wanted, old = parts
    model, tokenizer = load_policy(file)
    assert (tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token) == (
        "<|im_start|>",
        "<|im_end|>",
        "<|im_end|>",
    )
    assert len(tokenizer) == len(old)
    for text in TEXTS:
        assert tokenizer.encode(text) == old.encode(text)
        assert tokenizer.decode(tokenizer.encode(text)) == text
    ids = torch.tensor([tokenizer.encode("".join(TEXTS))])
    with torch.inference_mode():
        torch.testing.assert_close(model(ids).logits, wanted(ids).logits)
    assert model.lm_head.weight is model.model.embed_tokens.weight


def test_weights_are_kept_in_bfloat16_with_their_origin(file: Path) -> None:
    from safetensors import safe_open

    folder = converted(file)
    with safe_open(folder / "model.safetensors", "pt") as weights:
        assert {weights.get_tensor(name).dtype for name in weights.keys()} == {torch.bfloat16}  # noqa: SIM118
    origin = origin_of(folder)
    assert origin is not None
    assert origin["model"] == "Tiny chat"
    assert origin["licence"] == "mit"
    assert origin["source"].startswith("the file tiny.gguf, sha256 ")
    assert "mit" in (folder / "README.md").read_text()
    config = json.loads((folder / "config.json").read_text())
    assert "quantization_config" not in config
    assert json.loads((folder / "generation_config.json").read_text())["eos_token_id"] == 2


def test_prompts_go_through_the_chat_template_of_the_file(file: Path) -> None:
    _, tokenizer = load_policy(file)
    assert takes_turns(tokenizer, "auto")
    (task,) = gym.generate("train", 1, 1)
    prompt = prompt_renderer(tokenizer, "{instruction}\n\n{header}")(task)
    ids = encode_prompt(tokenizer, prompt)
    assert ids[0] == tokenizer.bos_token_id
    assert ids.count(tokenizer.bos_token_id) == 2  # the user's turn and the model's


def test_four_bit_weights_are_expanded(tmp_path: Path, parts: tuple[Any, Any]) -> None:
    wanted, tokenizer = parts
    kind = gguf.GGMLQuantizationType.Q4_1
    model, _ = load_policy(write_gguf(tmp_path / "four.gguf", wanted, tokenizer, quantization=kind))
    for (name, found), value in zip(model.named_parameters(), wanted.parameters(), strict=True):
        rounded = value if value.dim() == 1 else _rounded(value.detach(), kind)
        if "q_proj" not in name and "k_proj" not in name:  # whose rows are quantized in another order
            torch.testing.assert_close(found, rounded.bfloat16().float())
        assert float(((found - value).norm() / value.norm()).detach()) < 0.12


def _rounded(value: torch.Tensor, kind: gguf.GGMLQuantizationType) -> torch.Tensor:
    return torch.from_numpy(gguf.quants.dequantize(gguf.quants.quantize(value.numpy(), kind), kind))


def test_a_file_is_converted_once_under_its_digest(file: Path, cache: Path, parts: tuple[Any, Any]) -> None:
    first = converted(file)
    made = (first / "model.safetensors").stat().st_mtime_ns
    moved = file.rename(file.with_name("renamed.gguf"))
    assert policy_digest(moved) == policy_digest(first)
    assert (converted(moved) / "config.json").read_text() == (first / "config.json").read_text()
    other = write_gguf(file, *parts, split="starcoder")
    assert converted(other) != first
    assert (first / "model.safetensors").stat().st_mtime_ns == made
    assert not list(cache.glob("*.partial"))


def test_a_run_points_to_the_file_and_keeps_the_origin(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = parse_config(
        {
            "policy": {"path": file.name, "dtype": "float32", "prompt": "{header}"},
            "warm_start": {"passes": 1, "learning_rate": 1e-3},
        }
    )
    base, out = tmp_path / "base", tmp_path / "policy"
    base.mkdir()
    out.mkdir()
    obtain_base(config.policy, 1, out=base)
    assert read_pointer(base) == (str(file), None)
    tasks = gym.generate("train", 4, 1)
    warm_start(base, tasks, frozenset(task.id for task in tasks), config, out=out)
    assert origin_of(out) == origin_of(base) == origin_of(follow(base)[0])
    assert policy_digest(out) != policy_digest(base)


def test_a_name_is_not_taken_for_a_folder_that_is_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "embedded").mkdir()
    assert absolute("embedded") == "embedded"
    assert absolute("./embedded") == str(tmp_path / "embedded")


def test_check_reads_the_file_and_converts_nothing(file: Path, cache: Path) -> None:
    model = check_model(parse_config({"policy": {"path": str(file)}}))
    assert model.finding.status is Status.OK, model.finding
    assert model.shape is not None
    assert model.shape.width == read_config(file).hidden_size == 32
    assert model.tokenizer.eos_token == "<|im_end|>"
    assert not cache.exists()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("missing", "there is no GGUF file .*No such file"),
        ("foreign", "cannot be read as a GGUF model .*Download it again"),
        ("empty", "cannot be read as a GGUF model"),
        ("header cut", "cannot be read as a GGUF model"),
        ("weights cut", "cannot be read as a GGUF model .*is it whole"),
        ("part", "lacks 1 weight of the model that it describes, such as model.layers.1.mlp.up_proj.weight"),
        ("family", "holds a model that transformers does not read from GGUF .*clip.*use it in Hugging Face"),
        ("split", "splits text into tokens as 'deepseek-coder', which is not known here"),
    ],
)
def test_what_is_no_usable_file_is_refused(
    fault: str, message: str, file: Path, cache: Path, parts: tuple[Any, Any]
) -> None:
    whole = file.read_bytes()
    if fault == "missing":
        file.unlink()
    elif fault == "part":
        write_gguf(file, *parts, without="blk.1.ffn_up.weight")
    elif fault == "family":
        write_gguf(file, *parts, family="clip")
    elif fault == "split":
        write_gguf(file, *parts, split="deepseek-coder")
    else:
        sizes = {"foreign": 0, "empty": 0, "header cut": 500, "weights cut": len(whole) - 2000}
        file.write_bytes(b"PK" * 5000 if fault == "foreign" else whole[: sizes[fault]])
    with pytest.raises(ConfigError, match=message):
        converted(file)
    assert not [path for path in cache.glob("*") if path.suffix != ".lock"]
    if fault != "part":  # which shows when weights are read
        finding = check_model(parse_config({"policy": {"path": str(file)}})).finding
        assert finding.status is Status.FAIL


def test_an_interrupted_conversion_leaves_nothing_behind(
    file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("itertl.policy.gguf.describe", interrupt)
        with pytest.raises(KeyboardInterrupt):
            converted(file)
    assert not [path for path in cache.iterdir() if path.suffix != ".lock"]
    load_policy(file)


def test_a_full_disk_is_named(file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("itertl.policy.gguf.describe", full)
    with pytest.raises(RunDirectoryError, match=r"No space left on device.*make room"):
        converted(file)
    assert not [path for path in cache.iterdir() if path.suffix != ".lock"]
