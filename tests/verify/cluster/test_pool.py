"""The pool of a cluster, with one that does what the tests say: losses, refusals, late nodes, broken connections."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.verify.cluster.fake_link import ANSWER, CUT, LOSE, REFUSE, SILENT, FakeCluster, cluster

from itertl.errors import ConfigError, ToolError
from itertl.outcome import Outcome
from itertl.records import Submission, Task, Verdict
from itertl.verify import VerifySettings, verify
from itertl.verify.cluster import pool as module
from itertl.verify.cluster.address import Address, read_address
from itertl.verify.cluster.nodes import own_tools, refuse_unlike
from itertl.verify.cluster.pool import ClusterPool
from itertl.verify.cluster.wire import Node, pack, unpack
from itertl.verify.workers.worker import Job

__all__ = ["cluster"]
SETTINGS = VerifySettings(cluster="auto", cache=False, batch=4)
TASKS = [Task(f"t{n}", "do it", "", "module top; endmodule", "top") for n in range(3)]
OWN = (("itertl", "1"), ("iverilog", "11.0"))


def designs(count: int) -> list[Submission]:
    """Return `count` designs of each task."""
    return [Submission(t.id, f"{t.id}-{n}", f"code {n}", "") for t in TASKS for n in range(count)]


def all_of(cluster: FakeCluster, count: int = 6, settings: VerifySettings = SETTINGS) -> list[Verdict]:
    """Verify and check that each design has one verdict, in order."""
    found = list(verify(designs(count), TASKS, settings))
    assert [v.code_id for v in found] == [d.code_id for d in designs(count)]
    return found


def outcomes(verdicts: Sequence[Verdict]) -> set[Outcome]:
    """Return which outcomes there are."""
    return {verdict.outcome for verdict in verdicts}


def test_orders_hold_jobs_of_one_task_and_nothing_of_the_caller(cluster: FakeCluster) -> None:
    assert outcomes(all_of(cluster)) == {Outcome.PASSED}
    assert [len(order.job.designs) for order in cluster.orders] == [4, 2] * 3
    assert {order.job.settings.cluster for order in cluster.orders} == {""}
    assert {order.job.settings.workers for order in cluster.orders} == {1}
    assert cluster.kept == [True]


def test_a_lost_task_is_handed_out_again(cluster: FakeCluster) -> None:
    cluster.script = [LOSE, ANSWER, LOSE, LOSE]
    assert outcomes(all_of(cluster)) == {Outcome.PASSED}
    assert len(cluster.orders) == 6 + 3


def test_what_is_lost_each_time_is_a_tool_error_and_never_a_verdict(cluster: FakeCluster) -> None:
    cluster.default = LOSE
    (first, *_) = found = all_of(cluster, 1)
    assert outcomes(found) == {Outcome.TOOL_ERROR}
    assert first.detail == f"the cluster lost it {module.LOSSES} times: NodeDiedError: gone"


def test_a_node_that_refuses_everything_ends_it_by_name(cluster: FakeCluster) -> None:
    cluster.default = REFUSE
    with pytest.raises(ToolError, match=r"the node n1 \(aaaa\) cannot verify: ToolError: broken; repair it"):
        all_of(cluster)
    assert cluster.kept == [False]


def test_a_broken_connection_is_made_again_and_only_what_is_missing_is_judged_again(cluster: FakeCluster) -> None:
    cluster.script = [ANSWER, SILENT, CUT]
    cluster.out_of_reach = 2
    cluster.cores = 1
    assert outcomes(all_of(cluster)) == {Outcome.PASSED}
    assert cluster.opened == 4
    assert len(cluster.orders) == 6 + 2


def test_a_cluster_that_stays_away_ends_it(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECONNECT", 0.01)
    cluster.script, cluster.out_of_reach = [CUT], 100
    with pytest.raises(ToolError, match=r"has not come back within 0.01 s .there is no cluster.; what is finished"):
        all_of(cluster)


def test_a_late_order_goes_to_a_second_node_and_the_first_answer_counts(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LATE", 0.0)
    monkeypatch.setattr(module, "_TIMES", 0.0)
    cluster.script = [ANSWER, SILENT]
    with ClusterPool[Verdict](SETTINGS) as pool:
        for n, task in enumerate(TASKS):
            pool.submit(Job(task, ((f"d{n}", "code"),), SETTINGS))
        names: list[str] = []
        while len(names) < 3:
            names += [judged.key[1] for judged in pool.collect(None)]
        assert sorted(names) == ["d0", "d1", "d2"]
        assert pool.traffic.copies >= 1
        assert pool.collect(0.0) == []


def test_an_order_that_nobody_answers_counts_as_lost(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DEADLINE", 0.0)
    cluster.default = SILENT
    found = all_of(cluster, 1)
    assert outcomes(found) == {Outcome.TOOL_ERROR}
    assert "no answer for" in found[0].detail


def test_as_many_orders_are_under_way_as_the_cores_can_take(cluster: FakeCluster) -> None:
    cluster.default, cluster.cores = SILENT, 3
    with ClusterPool[Verdict](SETTINGS) as pool:
        for n in range(20):
            pool.submit(Job(TASKS[0], ((str(n), "code"),), SETTINGS))
        assert len(cluster.orders) == module.AHEAD * 3
        assert pool.room == module.AHEAD * 3 * 4
    assert cluster.kept == [False]


def test_the_cache_is_asked_first_and_filled_here(cluster: FakeCluster, tmp_path: Path) -> None:
    settings = dataclasses.replace(SETTINGS, cache=tmp_path)
    first = all_of(cluster, 2, settings)
    count = len(cluster.orders)
    assert all_of(cluster, 2, settings) == first
    assert len(cluster.orders) == count
    assert all_of(cluster, 2, dataclasses.replace(settings, cluster="local")) == first
    assert len(cluster.orders) == count


def test_verdicts_of_other_tools_are_never_kept(cluster: FakeCluster, tmp_path: Path) -> None:
    settings = dataclasses.replace(SETTINGS, cache=tmp_path, cluster="auto?iverilog=99.0")
    own = own_tools(("itertl", "source", "iverilog", "pyslang", "bench"))
    cluster.tools = tuple((name, "99.0" if name == "iverilog" else version) for name, version in own)
    all_of(cluster, 2, settings)
    count = len(cluster.orders)
    all_of(cluster, 2, settings)
    assert len(cluster.orders) == 2 * count
    assert all(order.job.known is None for order in cluster.orders)
    with pytest.raises(ToolError, match=r"Icarus Verilog 99\.0"):
        all_of(cluster, 2, dataclasses.replace(settings, cluster="auto"))


def test_nodes_with_other_tools_are_refused_by_name() -> None:
    other = (("itertl", "1"), ("iverilog", "12.0"))
    nodes = [Node("a (1)", 4.0, OWN), Node("b (2)", 4.0, other), Node("idle (3)", 0.0, other)]
    with pytest.raises(ToolError) as caught:
        refuse_unlike(nodes, OWN, frozenset())
    assert str(caught.value) == (
        "the node b (2) has Icarus Verilog 12.0 (expected 11.0), so its verdicts could differ: install the same there, "
        "take the node out of the cluster, or allow it by name: auto?iverilog=12.0"
    )
    refuse_unlike(nodes, OWN, frozenset({("iverilog", "12.0")}))
    with pytest.raises(ToolError, match=r"has itertl 2 \(expected 1\).*cluster$"):
        refuse_unlike([Node("c", 1.0, (("itertl", "2"), ("iverilog", "11.0")))], OWN, frozenset({("iverilog", "12.0")}))
    with pytest.raises(ToolError, match="the node d cannot verify: MissingToolError: no iverilog"):
        refuse_unlike([Node("d", 1.0, (), "MissingToolError: no iverilog")], OWN, frozenset())
    with pytest.raises(ToolError, match="the cluster offers no core: found 1 node"):
        refuse_unlike([Node("e", 0.0, OWN)], OWN, frozenset())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("auto", Address("auto")),
        ("10.0.0.1:6379", Address("10.0.0.1:6379")),
        ("[fd00::1]:6379", Address("[fd00::1]:6379")),
        (
            "local?iverilog=12.0&yosys=yosys 0.52",
            Address("local", frozenset({("iverilog", "12.0"), ("yosys", "yosys 0.52")})),
        ),
    ],
)
def test_addresses(text: str, found: Address) -> None:
    assert read_address(text) == found


@pytest.mark.parametrize("text", ["Auto", "10.0.0.1", "ray://host:10001", "auto?gcc=1", "auto?iverilog", "a b:1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="cluster"):
        list(verify(designs(1), TASKS, VerifySettings(cluster=text)))


def test_packed_messages_are_small_and_hold_nothing_but_records() -> None:
    job = Job(TASKS[0], (("a", "assign y = a & b;\n" * 200),), SETTINGS)
    data = pack(job)
    assert unpack(data) == job
    assert len(data) < 1000
    with pytest.raises(ToolError, match="do not trust it"):
        unpack(pack(Path()))
