"""The way to Ray, beside a Ray that says what a test wants: what is noticed where Ray says nothing."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from itertl.verify.cluster import link as module
from itertl.verify.cluster.link import LinkLostError, RayLink
from itertl.verify.cluster.wire import Report


class FakeRay:
    """A cluster whose nodes are listed, and whose tasks come to no end."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] | None = [{"NodeID": "here", "Alive": True}]

    def nodes(self) -> list[dict[str, Any]]:
        if self.listed is None:
            raise ConnectionError("the head does not answer")
        return self.listed

    def get_runtime_context(self) -> Any:
        return SimpleNamespace(get_node_id=lambda: "here")

    def remote(self, **options: Any) -> Any:
        pending = SimpleNamespace(add_done_callback=lambda callback: None)
        task = SimpleNamespace(remote=lambda data: SimpleNamespace(future=lambda: pending))
        return lambda function: SimpleNamespace(options=lambda **more: task)


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> FakeRay:
    fake = FakeRay()
    monkeypatch.setitem(sys.modules, "ray", fake)
    monkeypatch.setattr(module, "_SILENT", -1.0)
    return fake


@pytest.mark.parametrize("listed", [[], [{"NodeID": "here", "Alive": False}], [{"NodeID": "other", "Alive": True}]])
def test_a_head_that_does_not_know_this_node_ends_the_connection(ray: FakeRay, listed: list[dict[str, Any]]) -> None:
    link = RayLink()
    link.send(1, b"")
    assert link.receive(0) == []
    ray.listed = listed
    assert link.receive(0) == []  # once may be a moment
    with pytest.raises(LinkLostError, match="not known to the head"):
        link.receive(0)


def test_a_head_that_does_not_answer_or_has_nothing_to_do_ends_nothing(ray: FakeRay) -> None:
    link = RayLink()
    ray.listed = []
    assert [link.receive(0) for _ in range(3)] == [[], [], []]  # nothing is awaited
    link.send(1, b"")
    for listed in ([], None, [{"NodeID": "here", "Alive": True}], []):
        ray.listed = listed
        assert link.receive(0) == []


def test_a_report_between_two_looks_begins_the_count_again(ray: FakeRay) -> None:
    link = RayLink()
    link.send(1, b"")
    ray.listed = []
    for _ in range(3):
        assert link.receive(0) == []  # missed once
        link._reports.put(Report(1, b"done"))
        assert len(link.receive(0)) == 1
