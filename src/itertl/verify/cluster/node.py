"""What runs on a node, in a process that Ray keeps for this work: a confined worker that stays between tasks.

    judge(pack(Order(...)))  ->  pack(Reply(...))        a plain Ray task with one core

The process of the task holds a pool of one worker (`itertl.verify.workers.pool`): sandbox, limits and keeper are those
of any other machine. The worker goes down with the process, and its keeper sees to what it leaves behind.
"""

import contextlib
import functools
import platform
from collections import OrderedDict
from typing import Any

from itertl.errors import ItertlError
from itertl.verify.cluster.nodes import own_tools, unlike
from itertl.verify.cluster.wire import Order, Reply, Tools, pack, unpack
from itertl.verify.judged import Judged
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.pool import Pool
from itertl.verify.workers.worker import Answer

_KEPT = 2  # pools of different settings
_pools: "OrderedDict[tuple[VerifySettings, tuple[str, ...]], Pool[Any]]" = OrderedDict()
_tools = functools.cache(own_tools)


def judge(data: bytes) -> bytes:
    """Judge the designs of a packed order; whatever fails here is said in the reply."""
    order: Order = unpack(data)
    name = node_name()
    tools: Tools = ()
    try:
        tools = _tools(order.needed)
        if different := unlike(tools, order.allowed):
            return pack(Reply(name, tools, Answer(), f"it has {', '.join(different)}"))
        return pack(Reply(name, tools, Answer(tuple(_judged(order)))))
    except (ItertlError, OSError) as error:
        return pack(Reply(name, tools, Answer(), f"{type(error).__name__}: {error}"))


def node_name() -> str:
    """Return what people call this node: its host name, and the beginning of Ray's name for it."""
    import ray

    return named(platform.node(), str(ray.get_runtime_context().get_node_id()))


def named(host: str, node_id: str) -> str:
    """Return the name of a node for people."""
    return f"{host} ({node_id[:8]})"


def _judged(order: Order) -> list[Judged[Any]]:
    """Return what the worker says of each design, in the order's order."""
    settings = order.job.settings
    found: dict[str, Judged[Any]] = {}
    pool = _pool(settings, order.modules)
    try:
        pool.submit(order.job)
        while len(found) < len(order.job.designs):
            found |= {judged.key[1]: judged for judged in pool.collect(None)}
    except BaseException:  # the worker may be in the middle of something: the next order gets another one
        _drop((settings, order.modules))
        raise
    return [found[name] for name, _ in order.job.designs]


def _pool(settings: VerifySettings, modules: tuple[str, ...]) -> "Pool[Any]":
    key = (settings, modules)
    if key not in _pools:
        _pools[key] = Pool(settings, modules)
    _pools.move_to_end(key)
    while len(_pools) > _KEPT:
        _drop(next(iter(_pools)))
    return _pools[key]


def _drop(key: tuple[VerifySettings, tuple[str, ...]]) -> None:
    with contextlib.suppress(KeyError):
        _pools.pop(key).__exit__(None, None, None)
