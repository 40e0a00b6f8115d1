import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from itertl.errors import SandboxError
from itertl.machine import doctor
from itertl.machine.device import cgroup_memory_limit
from itertl.machine.doctor import Finding, examine, healthy, render, summary
from itertl.tools.sandbox.keeper import Plan

VERSIONS = {
    "iverilog": "Icarus Verilog version 12.0 (stable) (v12_0)",
    "vvp": "Icarus Verilog runtime version 12.0 (stable) (v12_0)",
    "yosys": "Yosys 0.23 (git sha1 7ce5011c24b)",
}


def fake_path(folder: Path, monkeypatch: pytest.MonkeyPatch, tools: dict[str, str]) -> None:
    """Make `folder` the whole PATH, with one shell script for each of `tools` (name -> body)."""
    folder.mkdir()
    for name, body in tools.items():
        script = folder / name
        script.write_text(f"#!/bin/sh\n{body}\n")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(doctor, "_version", lambda package: "" if package in ("torch", "pyosys") else "1.0")


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def text_of(findings: list[Finding]) -> str:
    out = StringIO()
    Console(file=out, width=200).print(render(findings))
    return out.getvalue()


def test_all_tools_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_path(tmp_path / "bin", monkeypatch, {name: f"echo '{text}'" for name, text in VERSIONS.items()})
    findings = examine()
    found = by_name(findings)
    assert (found["iverilog"].found, found["vvp"].found, found["yosys"].found) == ("12.0", "12.0", "0.23")
    assert found["pyslang"].ok
    assert healthy(findings)
    assert summary(findings).startswith("ready")


def test_missing_required_tool_comes_with_its_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_path(tmp_path / "bin", monkeypatch, {"yosys": "echo Yosys 0.40"})
    findings = examine()
    assert not healthy(findings)
    assert by_name(findings)["iverilog"].found == ""
    text = text_of(findings)
    assert "sudo apt-get install iverilog" in text
    assert "not ready: iverilog, vvp missing or too old" in text


@pytest.mark.parametrize(
    ("managers", "fix"),
    [
        (["brew"], "brew install icarus-verilog"),
        (["dnf"], "sudo dnf install iverilog"),
        (["conda"], "conda install -c conda-forge iverilog"),
        (["conda", "apt-get"], "sudo apt-get install iverilog"),
    ],
)
def test_the_fix_is_that_of_the_package_manager(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, managers: list[str], fix: str
) -> None:
    fake_path(tmp_path / "bin", monkeypatch, dict.fromkeys(managers, "exit 0"))
    assert by_name(examine())["iverilog"].fix == fix


def test_missing_optional_tool_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_path(tmp_path / "bin", monkeypatch, {n: f"echo '{VERSIONS[n]}'" for n in ("iverilog", "vvp")})
    findings = examine()
    assert healthy(findings)
    assert not by_name(findings)["torch"].ok
    assert "yosys" in summary(findings)


def test_netlistsvg_is_optional_and_comes_with_its_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_path(tmp_path / "bin", monkeypatch, {"iverilog": "", "vvp": ""})
    missing = by_name(examine())["netlistsvg"]
    assert (missing.ok, missing.required, missing.fix) == (False, False, "npm install -g netlistsvg@1.0.2")
    script = tmp_path / "lib/netlistsvg/bin/netlistsvg.js"
    script.parent.mkdir(parents=True)
    script.write_text("#!/usr/bin/env node\n")
    script.chmod(0o755)
    (tmp_path / "bin/netlistsvg").symlink_to(script)
    assert by_name(examine())["netlistsvg"].found == "of unknown version"
    (script.parent.parent / "package.json").write_text('{"name": "netlistsvg", "version": "1.0.2"}')
    assert by_name(examine())["netlistsvg"].found == "1.0.2"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("echo 'Icarus Verilog version 10.3 (stable) ()'", "10.3, older than 11"),
        ("echo hello", "does not say its version"),
        ("exit 3", "does not say its version"),
    ],
)
def test_unusable_simulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, expected: str) -> None:
    fake_path(tmp_path / "bin", monkeypatch, {"iverilog": body, "vvp": body})
    findings = examine()
    assert by_name(findings)["iverilog"].found == expected
    assert not healthy(findings)


def test_version_counts_whatever_the_exit_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_path(tmp_path / "bin", monkeypatch, {"iverilog": f"echo '{VERSIONS['iverilog']}'; exit 1"})
    assert by_name(examine())["iverilog"].ok


def test_slow_tool_is_given_up() -> None:
    assert doctor._run([sys.executable, "-c", "import time; time.sleep(30)"], seconds=0.2) is None


@pytest.mark.parametrize(
    ("plan", "ok"),
    [
        (Plan(("uid", "landlock", "seccomp")), True),
        (Plan(("seccomp",), "bubblewrap", (("landlock", "the kernel does not offer Landlock"),)), True),
        (Plan(("seccomp",), "", (("bubblewrap", "FileNotFoundError: bwrap"),)), False),
    ],
)
def test_the_sandbox_is_shown_with_what_it_lacks(plan: Plan, ok: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "offered", lambda: plan)
    sandbox = by_name(examine())["sandbox"]
    assert sandbox.ok is ok
    assert sandbox.found.startswith(plan.level)
    assert all(reason in sandbox.found for _, reason in plan.reasons)


def test_a_sandbox_that_cannot_be_tried_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> Plan:
        raise SandboxError("it cannot be tried")

    monkeypatch.setattr(doctor, "offered", fails)
    assert not by_name(examine())["sandbox"].ok


def test_without_a_simulator_the_sandbox_says_no_more_than_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_path(tmp_path / "bin", monkeypatch, {})
    sandbox = by_name(examine())["sandbox"]
    assert (sandbox.ok, sandbox.found) == (False, "not tried without iverilog")


def test_gpu_that_torch_cannot_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_path(tmp_path / "bin", monkeypatch, {"nvidia-smi": "echo 'NVIDIA H200, 143771 MiB'"})
    gpu = by_name(examine())["GPU"]
    assert "NVIDIA H200" in gpu.found
    assert not gpu.ok


def test_memory_limit_of_the_unified_hierarchy(tmp_path: Path) -> None:
    (tmp_path / "cgroup" / "a" / "b").mkdir(parents=True)
    (tmp_path / "cgroup" / "a" / "memory.max").write_text("3000\n")
    (tmp_path / "cgroup" / "a" / "b" / "memory.max").write_text("max\n")
    (tmp_path / "own").write_text("0::/a/b\n")
    assert cgroup_memory_limit(tmp_path / "cgroup", tmp_path / "own") == 3000


def test_memory_limit_of_version_one(tmp_path: Path) -> None:
    (tmp_path / "cgroup" / "memory" / "x").mkdir(parents=True)
    (tmp_path / "cgroup" / "memory" / "x" / "memory.limit_in_bytes").write_text("5000\n")
    (tmp_path / "own").write_text("7:cpu:/x\n4:memory:/x\n0::/\nnonsense\n")
    assert cgroup_memory_limit(tmp_path / "cgroup", tmp_path / "own") == 5000
    assert cgroup_memory_limit(tmp_path / "cgroup", tmp_path / "absent") is None


def test_nothing_raises_on_a_bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_path(tmp_path / "bin", monkeypatch, {})
    gone = tmp_path / "gone"
    gone.mkdir()
    before = Path.cwd()
    try:
        os.chdir(gone)
        gone.rmdir()
        findings = examine()
    finally:
        os.chdir(before)
    assert not by_name(findings)["free disk"].ok
    assert "not ready" in text_of(findings)


def test_text_of_tools_is_not_taken_for_markup() -> None:
    assert "[bold]odd[/]" in text_of([Finding("x", "[bold]odd[/]", True, "nothing")])


def test_import_is_light() -> None:
    code = "import sys, itertl.machine.doctor; assert not {'torch', 'transformers'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_pyosys_serves_without_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_path(tmp_path / "bin", monkeypatch, {})
    (missing,) = [f for f in examine() if f.name == "yosys"]
    assert not missing.ok
    assert "pip install pyosys" in missing.fix
    monkeypatch.setattr(doctor, "_version", lambda package: "0.70" if package == "pyosys" else "")
    (found,) = [f for f in examine() if f.name == "yosys"]
    assert (found.found, found.ok, found.needed_for) == ("pyosys 0.70", True, "synthesis, --formal")
