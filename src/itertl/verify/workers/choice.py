"""Which workers judge: those of this machine, or those of a cluster's nodes. Nothing else knows the difference.

with open_pool(settings) as pool: pool.submit(job) ; pool.collect(None)
"""

from collections.abc import Sequence

from itertl.verify.judged import R
from itertl.verify.settings import VerifySettings
from itertl.verify.workers.pool import Pool
from itertl.verify.workers.stream import Judges


def open_pool(settings: VerifySettings, modules: Sequence[str] = (), yosys: bool = False) -> Judges[R]:
    """Return the pool that the settings ask for, to be used as a context manager.

    `modules` are a user's, which workers import; `yosys` says that the jobs need it. Raise SandboxError where a sandbox
    cannot be had, ConfigError where `settings.cluster` is no address.
    """
    if settings.cluster:
        from itertl.verify.cluster.pool import ClusterPool

        return ClusterPool[R](settings, modules, yosys)
    return Pool[R](settings, modules)
