"""Exports are opened by the tools that they are for, and say where they come from; nobody's files are lost to them."""

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
import transformers
import yaml
from tests.publish.conftest import MakeRun

from itertl.errors import ConfigError, ToolError, UsageError
from itertl.policy.folder import write_pointer
from itertl.policy.gguf import converted
from itertl.policy.load import load_policy
from itertl.publish import Wanted, export
from itertl.publish.folder import files_of

IDS = torch.tensor([[1, 5, 9, 30, 7]])
HUB = "someone/verilog-base"
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning:peft"),
]


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model(IDS).logits
    return found


def card(out: Path) -> tuple[dict[str, Any], str]:
    """Return the metadata and the text of a card."""
    _, head, text = (out / "README.md").read_text().split("---\n", 2)
    return yaml.safe_load(head), text


def test_adapters_open_in_peft_and_merged_weights_in_transformers(make_run: MakeRun, tmp_path: Path) -> None:
    root = make_run()
    wanted = logits(load_policy(root / "iter_02" / "policy")[0])
    about = export(root, tmp_path / "adapters", Wanted())
    assert (about["what"], about["iteration"]) == ("adapters", 2)
    opened = peft.AutoPeftModelForCausalLM.from_pretrained(tmp_path / "adapters", dtype=torch.float32)
    torch.testing.assert_close(logits(opened), wanted)
    export(root, tmp_path / "merged", Wanted("merged", "2"))
    model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "merged")
    torch.testing.assert_close(logits(model), wanted, rtol=1e-4, atol=1e-5)
    assert not list((tmp_path / "merged").glob("adapter*"))
    for out in (tmp_path / "adapters", tmp_path / "merged"):
        assert transformers.AutoTokenizer.from_pretrained(out).eos_token == "<|im_end|>"
        noted = json.loads((out / "itertl.json").read_text())
        assert {"README.md", "tokenizer.json"} < set(noted["files"]) == set(files_of(out)) - {"itertl.json"}
    assert not list(tmp_path.glob(".*")), "no folder that was begun is left"


def test_a_base_on_the_hub_is_named_as_it_is_there(make_run: MakeRun, tmp_path: Path) -> None:
    export(make_run(HUB), tmp_path / "out", Wanted(licence="Apache-2.0"))
    settings = json.loads((tmp_path / "out" / "adapter_config.json").read_text())
    assert settings["base_model_name_or_path"] == HUB
    head, text = card(tmp_path / "out")
    assert head["base_model"] == HUB
    assert (head["license"], head["library_name"]) == ("apache-2.0", "peft")
    assert f"https://huggingface.co/{HUB}" in text
    assert "only where it lies" not in text


def test_the_card_says_what_the_run_knows(make_run: MakeRun, tmp_path: Path) -> None:
    root = make_run()
    export(root, tmp_path / "out", Wanted("merged", "best"))
    head, text = card(tmp_path / "out")
    assert head["license"] == "mit"
    assert head["tags"][:2] == ["verilog", "rtl"]
    for said in ("iteration 2 of the run `small`", "Tiny chat; weights from a test", "gym-train | 6", "gym-dev | 20"):
        assert said in text
    final = json.loads((root / "final.json").read_text())
    best = final["evaluations"]["gym-test"]["best"]["pass_at"]["1"]
    assert f"{best['value']:.3f} [{best['low']:.3f}, {best['high']:.3f}]" in text
    assert f"gym-test: {final['gains']['gym-test']['value']:+.2f} [" in text
    assert "| dev | warm start | 200 | 10 |" in text
    assert "python 3.11.9" in text
    assert "adapters of rank 4" in text


def test_a_whole_policy_is_exported_as_it_is(make_run: MakeRun, chat: tuple[Any, Any], tmp_path: Path) -> None:
    root = make_run(None, final=False)
    (root / "iter_01" / "policy" / "optimizer.bin").write_text("not for others")
    assert export(root, tmp_path / "out", Wanted(iteration="1"))["what"] == "merged"
    assert export(root, tmp_path / "best", Wanted())["iteration"] == 2, "the highest on dev, where the run has no end"
    assert not {"optimizer.bin", "training.jsonl"} & set(files_of(tmp_path / "out"))
    model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    torch.testing.assert_close(logits(model), logits(chat[0]))
    with pytest.raises(UsageError, match="whole model without adapters: use --what merged"):
        export(root, tmp_path / "other", Wanted("adapters"))


def test_gguf_of_the_llama_family_is_read_back_with_the_same_tokens(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("LLAMA_CPP", raising=False)
    root = make_run()
    export(root, tmp_path / "out", Wanted("gguf"))
    assert [name for name in files_of(tmp_path / "out") if "/" in name] == []
    wanted, old = load_policy(root / "iter_02" / "policy")
    model, tokenizer = load_policy(converted(tmp_path / "out" / "small-iteration-2.gguf"))
    text = "reg [31:0] q; // 1024 words, don't"
    assert tokenizer.encode(text) == old.encode(text)
    assert tokenizer.chat_template == old.chat_template
    torch.testing.assert_close(logits(model), logits(wanted), rtol=0.05, atol=0.02)  # read in bfloat16


def test_llama_cpps_converter_is_used_where_it_is_given(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, script = make_run(), tmp_path / "convert_hf_to_gguf.py"
    script.write_text(
        "import sys, pathlib\nfolder = pathlib.Path(sys.argv[1])\n"
        "assert (folder / 'config.json').is_file() and (folder / 'model.safetensors').is_file()\n"
        "pathlib.Path(sys.argv[sys.argv.index('--outfile') + 1]).write_text('GGUF')\n"
    )
    export(root, tmp_path / "out", Wanted("gguf", converter=script))
    assert (tmp_path / "out" / "small-iteration-2.gguf").read_text() == "GGUF"
    monkeypatch.setenv("LLAMA_CPP", str(tmp_path))
    script.write_text("import sys\nsys.exit('Model TinyForCausalLM is not supported')\n")
    with pytest.raises(ToolError, match=r"(?s)ended with status 1 .*TinyForCausalLM is not supported"):
        export(root, tmp_path / "failed", Wanted("gguf"))
    assert not (tmp_path / "failed").exists()
    monkeypatch.setenv("LLAMA_CPP", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match=r"the variable LLAMA_CPP names .*nowhere: expected llama.cpp's convert_hf"):
        export(root, tmp_path / "failed", Wanted("gguf"))


def test_a_tokenizer_without_a_name_in_llama_cpp_is_refused_beforehand(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LLAMA_CPP", raising=False)
    root = make_run(None)
    shutil.rmtree(root / "iter_02" / "policy")
    (root / "iter_02" / "policy").mkdir()
    write_pointer(root / "iter_02" / "policy", "embedded", None)
    with pytest.raises(UsageError, match=r"tokenizer splits text .*Give llama.cpp's convert_hf_to_gguf.py by --conv"):
        export(root, tmp_path / "out", Wanted("gguf"))
    export(root, tmp_path / "merged", Wanted())
    assert transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "merged").config.vocab_size == 1024
    settings = (root / "config.yaml").read_text()
    (root / "config.yaml").write_text(re.sub(r"path: .*", "path: embedded", settings))
    shutil.rmtree(root / "iter_00" / "base")
    export(root, tmp_path / "merged", Wanted(iteration="0"))
    head, text = card(tmp_path / "merged")
    assert head["license"] == "apache-2.0"
    assert "the tiny policy that comes with itertl; weights from the package itertl" in text
    assert "of itertl: trained on references.\n" in text


@pytest.mark.parametrize("what", ["adapters", "samples"])
def test_a_folder_that_holds_other_things_is_left_alone(make_run: MakeRun, tmp_path: Path, what: str) -> None:
    root, out = make_run(), tmp_path / "out"
    out.mkdir()
    export(root, out, Wanted(what))
    before = files_of(out)
    export(root, out, Wanted(what))
    assert files_of(out) == before, "an earlier export is replaced"
    (out / "mine.txt").write_text("keep me")
    with pytest.raises(UsageError, match=r"out holds other things \(mine\.txt\)"):
        export(root, out, Wanted(what))
    assert (out / "mine.txt").read_text() == "keep me"
    with pytest.raises(UsageError, match=r"holds other things .*more"):
        export(root, root, Wanted(what))
    with pytest.raises(UsageError, match="is a file; give another one"):
        export(root, out / "mine.txt", Wanted(what))
    with pytest.raises(UsageError, match="is a file; give another one"):
        export(root, out / "mine.txt" / "below", Wanted(what))


def test_what_is_not_there_is_told_before_any_work(make_run: MakeRun, tmp_path: Path) -> None:
    root, out = make_run(final=False), tmp_path / "out"
    with pytest.raises(UsageError, match=r"iteration 7 of .* has no policy; expected one of 0, 1, 2"):
        export(root, out, Wanted(iteration="7"))
    with pytest.raises(UsageError, match="expects a number or 'best', found 'last'"):
        export(root, out, Wanted(iteration="last"))
    with pytest.raises(UsageError, match="--what expects one of adapters, merged, gguf, samples, found 'onnx'"):
        export(root, out, Wanted("onnx"))
    (root / "iter_01" / "policy" / "removed.json").write_text('{"digest": "x"}')
    with pytest.raises(UsageError, match=r"weights of iteration 1 .* were deleted to save space"):
        export(root, out, Wanted(iteration="1"))
    for t in range(3):
        (root / f"iter_{t:02d}" / "dev" / "evaluation.json").unlink()
    with pytest.raises(UsageError, match=r"no iteration of .* has been measured yet: say which"):
        export(root, out, Wanted())
    with pytest.raises(ConfigError, match="is not a run directory"):
        export(tmp_path, out, Wanted())
    assert not out.exists()


def test_a_failed_export_leaves_nothing_and_the_earlier_one(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, out = make_run(), tmp_path / "out"
    export(root, out, Wanted())
    before = {name: (out / name).read_bytes() for name in files_of(out)}

    def fail(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["itertl.publish.export"], "model_card", fail)
    with pytest.raises(KeyboardInterrupt):
        export(root, out, Wanted())
    assert {name: (out / name).read_bytes() for name in files_of(out)} == before
    assert not list(tmp_path.glob(".out-*"))
