"""The corpus in tests/attacks: no attack passes, reaches out of its folder, survives, or harms its neighbours.

The first line of each file names the task that it pretends to solve and says what it tries. CANARY and HOME in a file
stand for folders that are watched.
"""

import dataclasses
import os
import resource
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from itertl.outcome import Outcome
from itertl.records import Candidate, Task, Verdict
from itertl.tools.sandbox.keeper import offered
from itertl.verify import VerifySettings, verify
from itertl.verify.workers import process
from itertl.verilog.extract import extract_module
from itertl.verilog.tokens import code_id

CORPUS = Path(__file__).parents[1] / "attacks"
CLASSES = sorted(folder.name for folder in CORPUS.iterdir() if folder.is_dir())
HEADERS = {
    "dff": "module top(input clk, input d, output reg q);\n",
    "counter": "module top(input clk, input rst, output reg [3:0] q);\n",
    "mux": "module top(input [1:0] s, input [3:0] a, output y);\n",
}
BODIES = {
    "dff": "always @(posedge clk) q <= d; endmodule",
    "counter": "always @(posedge clk) q <= rst ? 0 : q + 1; endmodule",
    "mux": "assign y = a[s]; endmodule",
}
TASKS = {name: Task(name, "", header, header + BODIES[name], "top") for name, header in HEADERS.items()}
SETTINGS = VerifySettings(workers=2, batch=8, cycles=60, vectors=80, cpu_floor=0.3, memory_mb=512)
SECRET = "hunter2"

# The gate lets everything pass, and the module is renamed without a look at its code.
NO_GUARD = """
from itertl.verify import judge
from itertl.verilog.guard import Accepted
from itertl.verilog.rewrite.plain.design import Plain
judge.gated = lambda code, top, ports, project: Accepted(code, Plain(code, ((code.index("module top") + 7, 3, "top"),)))
"""
DRIVER = """
import dataclasses
from itertl.tools import shop
found = shop.find_tools
shop.find_tools = lambda: dataclasses.replace(found(), base=None)
"""
START = "from itertl.verify.workers.worker import start; start()"


class Canary:
    """Folders that no candidate may touch: one with a secret, one that is the home folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder / "canary", folder / "home"
        for place in (self.folder, self.home):
            place.mkdir(mode=0o755)
            (place / "secret").write_text(SECRET)

    def state(self) -> list[tuple[str, str]]:
        """Return every file below the folders with its content, and what attacks are told to leave elsewhere."""
        files = [p for place in (self.folder, self.home) for p in sorted(place.rglob("*"))]
        strays = [p for p in (Path("/tmp/itertl-attack"), Path("/dev/shm/itertl-attack")) if p.exists()]
        return [(str(p), p.read_text() if p.is_file() else "") for p in (*files, *strays)]


@pytest.fixture
def canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Canary:
    watched = Canary(tmp_path)
    for variable in ("SECRET_TOKEN", "NONCE"):
        monkeypatch.setenv(variable, SECRET)
    monkeypatch.setenv("HOME", str(watched.home))
    return watched


def attacks(name: str, canary: Canary, whole: bool = False) -> list[Candidate]:
    """Return the attacks of a class, each as it stands and (unless `whole`) as extraction leaves it."""
    found: list[Candidate] = []
    for file in sorted((CORPUS / name).glob("*.v")):
        text = file.read_bytes().decode().replace("CANARY", str(canary.folder)).replace("HOME", str(canary.home))
        task = TASKS[text[3:].partition(":")[0]]
        for code in [text] if whole else [text, extract_module(text, task.header, task.top)]:
            found.append(Candidate(task.id, 0, len(found), 0, file.stem, text, code, code_id(task.id, code)))
    return found


def among_right_ones(bad: list[Candidate]) -> list[Candidate]:
    """Return the candidates sorted by task, with a right design before, between and behind those of each task."""
    mixed: list[Candidate] = []
    for task in TASKS.values():
        own = [c for c in bad if c.task_id == task.id]
        for place, part in enumerate((own[: len(own) // 2], own[len(own) // 2 :], [])):
            code = f"{task.header}localparam PLACE = {place}; {BODIES[task.id]}"
            mixed += [Candidate(task.id, 0, 0, 0, "right", "", code, code_id(task.id, code)), *part]
    return mixed


def judged(candidates: list[Candidate]) -> list[tuple[Candidate, Verdict]]:
    """Verify in a process of its own, whose children are those of this call alone, and look at their memory."""
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as apart:
        verdicts, peak = apart.submit(verdicts_and_peak, candidates).result()
    assert 0 < peak < 3 << 20  # KiB: the front-end's limit
    by_key = {(c.task_id, c.code_id): c for c in reversed(candidates)}
    return [(by_key[v.task_id, v.code_id], v) for v in verdicts]


def verdicts_and_peak(candidates: list[Candidate]) -> tuple[list[Verdict], int]:
    verdicts = list(verify(candidates, TASKS, SETTINGS))
    return verdicts, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def check(
    found: list[tuple[Candidate, Verdict]], canary: Canary, before: list[tuple[str, str]], guarded: bool = True
) -> None:
    """Assert what holds for every attack; without the guard, a broken simulation counts as the tool's failure."""
    said = {f"{c.prompt}: {v.outcome.value} {v.detail}" for c, v in found}
    wrong = [(c.prompt, v.outcome, v.detail) for c, v in found if v.passed != (c.prompt == "right")]
    assert not wrong
    assert not [line for line in said if guarded and "tool_error" in line]
    assert not [line for line in said if SECRET in line]
    assert canary.state() == before


@pytest.mark.parametrize("name", CLASSES)
def test_no_attack_passes_or_reaches_out(name: str, canary: Canary, no_child_left: None) -> None:
    before = canary.state()
    found = judged(among_right_ones(attacks(name, canary)))
    check(found, canary, before)
    assert len({c.prompt for c, _ in found}) > 5


@pytest.mark.parametrize("tools", ["compiler", "driver"])
@pytest.mark.parametrize("name", ["files", "commands", "floods"])
def test_without_the_guard_the_sandbox_alone_keeps_effects_inside(
    name: str, tools: str, canary: Canary, monkeypatch: pytest.MonkeyPatch, no_child_left: None
) -> None:
    if not offered().sufficient:
        pytest.skip(f"this machine offers {offered().level} only")
    monkeypatch.setattr(process, "_COMMAND", NO_GUARD + (DRIVER if tools == "driver" else "") + START)
    before = canary.state()
    check(judged(among_right_ones(attacks(name, canary, whole=True))), canary, before, guarded=False)


def test_each_attack_says_what_it_tries() -> None:
    files = sorted(CORPUS.rglob("*.v"))
    lines = [file.read_bytes().decode().partition("\n")[0] for file in files]
    assert len(files) >= 60
    assert len(set(lines)) == len(lines)
    assert all(line.startswith(("// dff: ", "// counter: ", "// mux: ")) and line.isascii() for line in lines)


def test_what_no_file_should_hold(canary: Canary) -> None:
    body = "always @(posedge clk) q <= "
    huge = {
        "parentheses": body + "(" * 200_000 + "d" + ")" * 200_000 + "; endmodule",
        "operators": body + "~" * 90_000 + "d; endmodule",
        "long": "// " + "x" * 2_000_000 + "\n" + body + "0; endmodule",
        "ifs": "always @* " + "if (d) " * 14_000 + "q = d; endmodule",
        "instances": "".join(f"sub u{i}(d);\n" for i in range(6000)) + "endmodule module sub(input d); endmodule",
        "numbers": body + "16'h" + "f" * 90_000 + "; endmodule",
        "strings": f'localparam S = "{"x" * 90_000}"; ' + body + "S; endmodule",
        "modules": body + "0; endmodule\n" + "".join(f"module m{i}; endmodule\n" for i in range(4000)),
        "errors": "`x " * 30_000 + body + "0; endmodule",
    }
    header = HEADERS["dff"]
    candidates = [
        Candidate("dff", 0, i, 0, name, "", header + code, code_id("dff", header + code))
        for i, (name, code) in enumerate(huge.items())
    ]
    check(judged(among_right_ones(candidates)), canary, canary.state())


def test_a_verdict_names_the_sandbox_in_force(canary: Canary) -> None:
    levels = {v.sandbox for _, v in judged(among_right_ones([])) if v.outcome is Outcome.PASSED}
    assert levels == {offered().level}
    assert os.environ["SECRET_TOKEN"] == SECRET


def test_the_attacks_are_real(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_COMMAND", NO_GUARD + START)
    written = [c for c in attacks("files", canary, whole=True) if c.prompt in ("open_write", "dump_home")]
    list(verify(written, TASKS, dataclasses.replace(SETTINGS, sandbox="off")))
    assert sorted(p.name for p in (*canary.folder.iterdir(), *canary.home.iterdir())) == [
        "secret", "secret", "written", "written.vcd",
    ]  # fmt: skip
