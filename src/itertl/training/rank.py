"""What each training process runs: `python -m itertl.training.rank JOB`, started by torchrun.

And what starts torchrun: with `torchrun` in front of JOB the module first asks the kernel to be killed together with
the process that started it, then hands over to torchrun; the processes below do the same. So nothing trains on when
the run is killed, by whatever signal.
"""

import ctypes
import functools
import json
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
NODE = "ITERTL_NODE"  # variable that tells the ranks on which node they are


def die_with_parent() -> None:
    """Let the kernel kill this process when the one that started it ends."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended in between
        os.kill(os.getpid(), signal.SIGKILL)


def start_ranks(folder: str, processes: str, node: str = "", nodes: str = "", meet: str = "", name: str = "") -> None:
    """Become torchrun with `processes` ranks here, as node `node` of `nodes`, which meet at the rendezvous `name`."""
    from torch.distributed.run import main

    where = ["--standalone"]
    if nodes:
        os.environ[NODE] = node
        where = [f"--nnodes={nodes}", "--rdzv-backend=c10d", f"--rdzv-endpoint={meet}", f"--rdzv-id={name}"]
    main([*where, f"--nproc-per-node={processes}", "-m", __spec__.name, folder])


def work(folder: Path) -> None:
    """Take part in the job as the rank that torchrun's environment names; leave word of errors that are our own."""
    import itertl.training  # noqa: F401  (thread settings, before torch)
    from itertl.errors import ItertlError
    from itertl.progress import silent
    from itertl.training.distributed import joined
    from itertl.training.job import ERROR, perform, progress_file, read_job

    try:
        job = read_job(folder)
        with joined(job.settings, int(os.environ.get(NODE, "0"))) as world:
            track = functools.partial(progress_file, folder) if world.rank == 0 else silent
            perform(job, track, world)
    except ItertlError as error:
        text = json.dumps({"type": type(error).__name__, "message": str(error)})
        (folder / ERROR).write_text(text, encoding="utf-8")
        raise


def leave() -> None:
    """End this process, its work being done and on disk, without the interpreter's farewell.

    In that, threads of torch's communication that still run abort the process now and then (SIGABRT).
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    die_with_parent()
    if sys.argv[1] == "torchrun":
        start_ranks(*sys.argv[2:])
    else:
        work(Path(sys.argv[1]))
        leave()
