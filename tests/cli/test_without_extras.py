"""What the package does where none of its extras is installed: it judges, and says what else would need which."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cli.program import Ended

EXTRAS = ("torch", "transformers", "tokenizers", "safetensors", "httpx2", "peft", "gguf", "huggingface_hub", "datasets")
BARE = f"""
import importlib.abc, sys
class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {EXTRAS!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
        return None
sys.meta_path.insert(0, Absent())
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in {EXTRAS!r} else find(name, package)
from itertl.cli.app import main
main()
"""


def bare(*arguments: str | Path) -> Ended:
    """Run itertl as if nothing but its own dependencies were installed."""
    command = [sys.executable, "-c", BARE, *map(str, arguments)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"})
    return Ended(found.returncode, found.stdout, found.stderr)


def test_given_candidates_are_measured_and_what_needs_more_says_what(tmp_path: Path) -> None:
    header = "module t(input a, output y);\n"
    task = {"id": "t", "instruction": "Invert.", "header": header, "reference": f"{header}assign y = ~a;\nendmodule\n"}
    (tmp_path / "tasks.jsonl").write_text(json.dumps(task) + "\n")
    (tmp_path / "rows.jsonl").write_text(json.dumps({"task_id": "t", "completion": "assign y = !a;\nendmodule"}) + "\n")
    suite, rows = f"file:{tmp_path / 'tasks.jsonl'}", tmp_path / "rows.jsonl"
    found = bare("eval", suite, "--candidates", rows, "--no-quality", "--out", tmp_path / "out")
    assert found.returncode == 0, found.stderr
    assert "1.000" in found.stdout
    served = bare("eval", suite, "--model", "m", "--server", "http://127.0.0.1:9", "--out", tmp_path / "served")
    assert (served.returncode, "pip install 'httpx2" in served.stderr) == (3, True), served.stderr
    drawn = bare("generate", "Invert a.", "--model", "embedded", "--header", header)
    assert (drawn.returncode, "pip install 'itertl[train]'" in drawn.stderr) == (3, True), drawn.stderr
