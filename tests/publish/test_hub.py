"""Uploads go through huggingface_hub with what an export holds; what cannot work is told before any work."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import huggingface_hub
import pytest
from tests.cli.program import itertl
from tests.publish.conftest import MakeRun
from typer.testing import CliRunner

from itertl.cli.app import app
from itertl.errors import MissingToolError, ServerError, UsageError
from itertl.publish import Wanted, push

HUB = "someone/verilog-base"


class FakeApi:
    """Takes what the real one takes, and remembers what would have been uploaded."""

    calls: ClassVar[list[tuple[str, dict[str, Any]]]] = []
    fails: ClassVar[Exception | None] = None

    def __init__(self, **options: Any) -> None:
        self.options = options

    def create_repo(self, repo_id: str, **options: Any) -> huggingface_hub.RepoUrl:
        self.calls.append(("create", {"repo_id": repo_id, **options}))
        if self.fails:
            raise self.fails
        kind = "datasets/" if options["repo_type"] == "dataset" else ""
        return huggingface_hub.RepoUrl(f"https://huggingface.co/{kind}me/{repo_id.rpartition('/')[2]}")

    def upload_folder(self, *, folder_path: Path, **options: Any) -> None:
        found = {str(path.relative_to(folder_path)) for path in folder_path.rglob("*") if path.is_file()}
        card = (folder_path / "README.md").read_text()
        self.calls.append(("upload", {"files": found, "card": card, **options}))


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeApi]]:
    """The hub, replaced, with a token."""
    monkeypatch.setattr(huggingface_hub, "HfApi", FakeApi)
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: "a token")
    FakeApi.calls.clear()
    yield FakeApi
    FakeApi.fails = None


def test_adapters_go_up_with_their_card(api: type[FakeApi], make_run: MakeRun) -> None:
    assert push(make_run(HUB), "me/tiny", Wanted(), private=True) == "https://huggingface.co/me/tiny"
    (_, created), (_, uploaded) = api.calls
    assert created == {"repo_id": "me/tiny", "repo_type": "model", "private": True, "exist_ok": True}
    assert {"README.md", "itertl.json", "adapter_model.safetensors", "adapter_config.json"} < uploaded["files"]
    assert (uploaded["repo_id"], uploaded["repo_type"]) == ("me/tiny", "model")
    assert "iteration 2" in uploaded["commit_message"]
    assert f"base_model: {HUB}" in uploaded["card"]


def test_samples_become_a_data_set(api: type[FakeApi], make_run: MakeRun) -> None:
    assert push(make_run(), "tiny-samples", Wanted("samples")) == "https://huggingface.co/datasets/me/tiny-samples"
    (_, created), (_, uploaded) = api.calls
    assert created["repo_type"] == uploaded["repo_type"] == "dataset"
    assert uploaded["repo_id"] == "me/tiny-samples"
    assert "data/train-00000-of-00001.parquet" in uploaded["files"]


def test_what_cannot_work_is_told_before_any_work(
    api: type[FakeApi], make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_run()
    with pytest.raises(UsageError, match=r"base that is not on the hub .*use --what merged"):
        push(root, "me/tiny", Wanted())
    with pytest.raises(UsageError, match=r"'a/b/c' cannot name a repository of the hub, expected OWNER/NAME"):
        push(root, "a/b/c", Wanted("merged"))
    monkeypatch.setattr("itertl.publish.hub.export", None)  # nothing is begun
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    with pytest.raises(UsageError, match="there is no token of the hub: log in with `hf auth login`"):
        push(root, "me/tiny", Wanted("merged"))
    monkeypatch.setattr("itertl.publish.hub.find_spec", lambda name: None)
    with pytest.raises(MissingToolError, match="huggingface_hub: pip install"):
        push(root, "me/tiny", Wanted("merged"))
    assert api.calls == []


def test_an_unknown_kind_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    known = "--what expects one of adapters, merged, gguf, samples, found 'weights'"
    for command in (("export", tmp_path / "no-run", tmp_path), ("push", tmp_path / "no-run", "no name")):
        found = itertl(*command, "--what", "weights")
        assert (found.returncode, known in found.stderr) == (2, True), found.stderr


def test_a_hub_that_refuses_is_a_sentence(api: type[FakeApi], make_run: MakeRun) -> None:
    api.fails = ConnectionError("no route to huggingface.co\nat all")
    with pytest.raises(ServerError, match=r"took no upload of me/tiny: no route to huggingface\.co\. Is the token"):
        push(make_run(HUB), "me/tiny", Wanted())
    assert [name for name, _ in api.calls] == ["create"]


def test_a_dry_run_writes_and_lists_the_folder_and_needs_no_token(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    root = make_run(HUB)
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(app, ["push", str(root), "me/tiny", "--dry-run"])
    assert found.exit_code == 0, found.output
    for name in ("README.md", "adapter_model.safetensors", "nothing was uploaded"):
        assert name in found.output
    assert (tmp_path / "tiny" / "README.md").is_file()
    again = CliRunner().invoke(app, ["export", str(root), str(tmp_path / "tiny"), "--iteration", "1"])
    assert again.exit_code == 0, again.output
    assert "adapters, iteration 1" in again.output
