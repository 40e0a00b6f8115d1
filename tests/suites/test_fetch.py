"""Fetching a suite: only what it reads, checked, all or nothing; here from archives made of the data at hand."""

import dataclasses
import io
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from itertl.errors import ToolError, UsageError
from itertl.suites import fetch as module
from itertl.suites.fetch import checksum, fetch
from itertl.suites.find import find_suite
from itertl.suites.load import load_published
from itertl.suites.presets import read_examples
from itertl.suites.published import PUBLISHED
from itertl.suites.suite import Source, Suite


def source_of(suite: Suite) -> Source:
    """Return where a suite is fetched from."""
    assert suite.source is not None
    return suite.source


def fetched_from(suite: Suite, source: Source, **changed: Any) -> Suite:
    """Return a suite with another source."""
    return dataclasses.replace(suite, source=dataclasses.replace(source, **changed))


RTLLM = PUBLISHED["rtllm-v2"]
SMALL = dataclasses.replace(source_of(RTLLM), places=(("Control", "Control"),), checksum="")
FILES = {"Control/x/testbench.v": "module tb; endmodule\n", "Control/x/design_description.txt": "x\n"}


@pytest.fixture
def archived(tmp_path: Path) -> tuple[Suite, str]:
    """A suite, and a place of archives that holds its pinned commit, with things in it that nobody wants."""
    path = tmp_path / "archives" / SMALL.repository / "tar.gz" / SMALL.commit
    path.parent.mkdir(parents=True)
    unwanted = {"README.md": "r", "Control/x/makefile": "m", "other/a.v": "o", "Control/../../evil.v": "e"}
    with tarfile.open(path, "w:gz") as tar:
        for name, text in {**FILES, **unwanted}.items():
            info = tarfile.TarInfo(f"RTLLM-{SMALL.commit}/{name}")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
        link = tarfile.TarInfo(f"RTLLM-{SMALL.commit}/Control/x/link.v")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    expected = tmp_path / "expected"
    for name, text in FILES.items():
        (expected / name).parent.mkdir(parents=True, exist_ok=True)
        (expected / name).write_text(text)
    return fetched_from(RTLLM, SMALL, checksum=checksum(expected, SMALL)), f"file://{tmp_path}/archives"


def test_only_what_the_suite_reads_is_kept_and_a_second_call_needs_no_network(
    archived: tuple[Suite, str], tmp_path: Path
) -> None:
    suite, archives = archived
    folder = fetch(suite, tmp_path / "data", archives)
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} == set(FILES)
    assert fetch(suite, tmp_path / "data", "file:///nowhere") == folder
    (folder / "Control/x/testbench.v").write_text("changed")
    with pytest.raises(UsageError, match="holds other files"):
        fetch(suite, tmp_path / "data", archives)


def test_what_is_not_what_was_pinned_leaves_nothing_behind(archived: tuple[Suite, str], tmp_path: Path) -> None:
    suite, archives = fetched_from(RTLLM, SMALL, checksum="0" * 64), archived[1]
    with pytest.raises(ToolError, match="not what was pinned"):
        fetch(suite, tmp_path / "data", archives)
    assert list((tmp_path / "data").iterdir()) == []


def test_a_failed_or_endless_download_and_unknown_suites_are_named(
    archived: tuple[Suite, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite, archives = archived
    with pytest.raises(ToolError, match="cannot be downloaded"):
        fetch(suite, tmp_path / "data", "file:///nowhere")
    archive = next((tmp_path / "archives").rglob(SMALL.commit))
    archive.write_bytes(b"<html>please log in</html>")
    with pytest.raises(ToolError, match="no archive"):
        fetch(suite, tmp_path / "data", archives)
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    with pytest.raises(ToolError, match="larger than"):
        fetch(suite, tmp_path / "data", archives)
    with pytest.raises(UsageError, match="gym-test is not fetched"):
        fetch(find_suite("gym-test"), tmp_path / "data", archives)


def test_a_source_without_a_checksum_is_fetched_by_its_commit(tmp_path: Path) -> None:
    origin = tmp_path / "origin" / "hkust-zhiyao" / "RTLLM"
    for name in ("accu/testbench.v", "accu/design_description.txt", "accu/makefile", "_chatgpt4/t1/accu.v"):
        (origin / name).parent.mkdir(parents=True, exist_ok=True)
        (origin / name).write_text(f"{name}\n")
    git = ["git", "-C", str(origin), "-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "1.1"]):
        subprocess.run([*git, *arguments], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    first = PUBLISHED["rtllm-v1.1"]
    suite = fetched_from(first, source_of(first), commit=commit)
    folder = fetch(suite, tmp_path / "data", repositories=f"file://{tmp_path}/origin")
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert found == {"accu/testbench.v", "accu/design_description.txt"}
    with pytest.raises(UsageError, match="lacks the designs JC_counter, RAM, adder_16bit"):
        load_published("rtllm-v1.1", tmp_path / "data")
    suite = fetched_from(first, source_of(first), commit="0" * 40)
    with pytest.raises(ToolError, match="cannot be fetched"):
        fetch(suite, tmp_path / "other", repositories=f"file://{tmp_path}/origin")
    assert list((tmp_path / "other").iterdir()) == []


def test_examples_come_along_beside_what_is_checked(tmp_path: Path) -> None:
    suite = PUBLISHED["verilogeval-v2-spec-to-rtl"]
    source = dataclasses.replace(source_of(suite), commit="c")
    files = {
        "dataset_spec-to-rtl/Prob001_zero_ref.sv": "r",
        "scripts/verilog-example-prefix_spec-to-rtl_1-shot.txt": "x",
    }
    path = tmp_path / "archives" / source.repository / "tar.gz" / source.commit
    path.parent.mkdir(parents=True)
    with tarfile.open(path, "w:gz") as tar:
        for name, text in {**files, "scripts/sv-generate": "s"}.items():
            info = tarfile.TarInfo(f"verilog-eval/{name}")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    expected = tmp_path / "expected" / "dataset_spec-to-rtl"
    expected.mkdir(parents=True)
    (expected / "Prob001_zero_ref.sv").write_text("r")
    pinned = fetched_from(suite, source, checksum=checksum(tmp_path / "expected", source))
    folder = fetch(pinned, tmp_path / "data", f"file://{tmp_path}/archives")
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} == set(files)
    assert read_examples("verilogeval-v2-spec-to-rtl", 1, tmp_path / "data") == "x"


@pytest.mark.parametrize("suite", ["verilogeval-v1-human", "verilogeval-v2-spec-to-rtl", "rtllm-v2"])
def test_the_data_at_hand_is_what_is_pinned(suite: str, data: Path) -> None:
    fetch(PUBLISHED[suite], data)  # raises where it is not
    assert load_published(suite, data)


def test_an_archive_that_unpacks_to_too_much_is_refused(
    archived: tuple[Suite, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite, archives = archived
    monkeypatch.setattr(module, "MAX_FILES", 1)
    with pytest.raises(ToolError, match="unpacks to more than"):
        fetch(suite, tmp_path / "data", archives)
    monkeypatch.undo()
    with tarfile.open(next((tmp_path / "archives").rglob(SMALL.commit)), "w:gz") as tar:
        for name in FILES:
            info = tarfile.TarInfo(f"RTLLM-{SMALL.commit}/{name}")
            info.size = 1 << 20  # of zeros, a thousandth of that when packed
            tar.addfile(info, io.BytesIO(bytes(info.size)))
    monkeypatch.setattr(module, "MAX_BYTES", 1 << 18)
    with pytest.raises(ToolError, match="unpacks to more than"):
        fetch(suite, tmp_path / "data", archives)
    assert list((tmp_path / "data").iterdir()) == []
