"""A real Ray cluster on this machine: a head without cores, and two nodes of one core each."""

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

STORE = 100 << 20  # bytes of each node's object store
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "disabled",  # else Ray keeps a token in the user's home
    "RAY_worker_niceness": "0",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "5",
}


@pytest.fixture(scope="module")
def start_cluster() -> Iterator[Callable[..., Any]]:
    """A function that starts a cluster with two nodes; all that it has started end with the module."""
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed: pip install 'itertl[ray]'")
    started: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.delenv("RAY_ADDRESS", raising=False)
        from ray.cluster_utils import Cluster

        def start(nodes: int = 2, **head: Any) -> Any:
            settings = {
                "num_cpus": 0,
                "object_store_memory": STORE,
                "include_dashboard": False,
                "no_monitor": True,
                **head,
            }
            try:
                cluster = Cluster(initialize_head=True, head_node_args=settings)
            except Exception as error:
                if "timed out during startup" not in str(error):
                    raise
                pytest.skip("this machine is too busy for Ray, which gives a node 30 s to start")
            started.append(cluster)
            for _ in range(nodes):
                cluster.add_node(num_cpus=1, object_store_memory=STORE)
            return cluster

        yield start
        from itertl.verify.cluster import links

        links._close_all()
        for cluster in started:
            cluster.shutdown()


@pytest.fixture(scope="module")
def two_nodes(start_cluster: Callable[..., Any]) -> Any:
    """A cluster with two nodes."""
    return start_cluster()


@pytest.fixture
def other_icarus(tmp_path: Path) -> str:
    """A PATH on which Icarus Verilog says that it is version 99.0."""
    import shutil

    real = shutil.which("iverilog")
    if real is None:
        pytest.skip("Icarus Verilog is not installed")
    fake = tmp_path / "bin" / "iverilog"
    fake.parent.mkdir()
    fake.write_text(
        f'#!/bin/sh\n[ "$1" = -V ] && echo "Icarus Verilog version 99.0 (stable)" && exit 0\nexec {real} "$@"\n'
    )
    fake.chmod(0o755)
    return f"{fake.parent}:{os.environ['PATH']}"
