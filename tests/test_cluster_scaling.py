"""The driver of a cluster, measured at a small size: every row is written, and its memory stops growing."""

import sys

import pytest
from benchmarks import cluster_scaling

from itertl.disk import index


def test_memory_of_the_driver_is_flat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.Index.__init__, "__defaults__", (500,))
    found = list(cluster_scaling.driver(20_000, cores=2))
    assert [rows for rows, _, _ in found] == list(range(2000, 20_001, 2000))
    assert found[-1][1] - found[2][1] < 8, "MiB that 14,000 rows have taken"


def test_designs_are_distinct_and_a_part_is_wrong() -> None:
    tasks, designs = cluster_scaling.drawn(4, 8)
    assert len({design.code_id for design in designs}) == 4 * 8
    assert {design.task_id for design in designs} == {task.id for task in tasks}


def test_without_ray_the_first_half_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_scaling, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "argv", ["cluster_scaling.py", "--only", "real"])
    with pytest.raises(SystemExit, match="pip install"):
        cluster_scaling.main()
