"""Several machines that train together: which one this is, and what the others do while the first one runs the loop.

    place = find_place(2)              from the launcher's environment: torchrun's names, or Slurm's
    attend(root, place, settings)      on every node but the first: take part in trainings until the run is over

The first node runs the loop. Before a training it puts a call into the job's folder; the others find it there, since
they share the run directory, and all start torchrun at one rendezvous (c10d) under the call's name. Nothing else of a
run happens on the others. They leave when the first node's sign of life ends.
"""

import json
import os
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from itertl.config import TrainingConfig
from itertl.disk import names
from itertl.disk.artefacts import write_text
from itertl.disk.pulse import SILENT_SECONDS, read_pulse, this_process
from itertl.disk.rows import read_rows
from itertl.errors import ConfigError, DataError, TrainingError

CALL = "call.json"
PORT = 29500  # torchrun's own default
INDEX = ("NODE_RANK", "GROUP_RANK", "SLURM_NODEID")  # a launcher's names for which node this is, from 0
ABSENT_SECONDS = 600.0  # after which a first node that has never been seen is not waited for
LOOK_SECONDS = 0.3
ENDED = {"failed": "has failed", "interrupted": "was interrupted"}

Process = tuple[str, int, float]  # host, process id, start in seconds since 1970


@dataclass(frozen=True)
class Place:
    """This machine among `count`: the first is 0; `host` and `port` are where all of them meet."""

    index: int = 0
    count: int = 1
    host: str = ""
    port: int = PORT


@dataclass(frozen=True)
class Call:
    """A call to train: `name` is the rendezvous', new for every start; `caller` the process that runs the loop."""

    name: str
    job: Path
    caller: Process


def find_place(count: int, environ: Mapping[str, str] = os.environ) -> Place:
    """Return which of `count` machines this is; raise ConfigError where the environment does not tell."""
    if count == 1:
        return Place()
    index = next((environ[name] for name in INDEX if environ.get(name)), None)
    host, port = environ.get("MASTER_ADDR"), environ.get("MASTER_PORT") or str(PORT)
    if index is None or not host:
        absent = "NODE_RANK (or SLURM_NODEID)" if index is None else "MASTER_ADDR"
        raise ConfigError(
            f"training.nodes.count is {count}, and the environment names no {absent}: start the same command once on "
            "each node, with NODE_RANK from 0 on and MASTER_ADDR, the first one's address (examples/train_nodes.sbatch)"
        )
    if not (index.isdecimal() and int(index) < count and port.isdecimal()):
        raise ConfigError(
            f"training.nodes.count is {count}: expected a node from 0 to {count - 1} and a port, found node {index!r} "
            f"and MASTER_PORT {port!r}"
        )
    return Place(int(index), count, host, int(port))


def call_others(job: Path) -> Call:
    """Let the other nodes know that the job in a folder is to be done; the name is new each time."""
    call = Call(uuid.uuid4().hex, job, this_process())
    write_text(job / CALL, json.dumps({"name": call.name, "caller": call.caller}) + "\n")
    return call


def calls(root: Path) -> list[Call]:
    """Return the calls in a run directory, at most one of which is of this moment."""
    found = []
    for path in root.glob(f"*/*.partial/*/{CALL}"):
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            host, pid, created = values["caller"]
            found.append(Call(values["name"], path.parent, (host, pid, created)))
        except (OSError, ValueError):  # it is being taken away
            continue
    return found


def attend(root: Path, answer: Callable[[Call], None], absent: float = ABSENT_SECONDS) -> None:
    """Answer each call in `root` while the first node's run lives there; return when that has ended well.

    `absent` seconds without a sign of life at all, or SILENT_SECONDS without another one, end this with a
    TrainingError, as does a run that has failed. Clocks of the nodes need not agree.
    """
    answered: set[str] = set()
    last, since, seen = read_pulse(root), time.monotonic(), False
    while True:
        beat, now = read_pulse(root), time.monotonic()
        if beat != last:  # what a killed run has left behind stays as it is
            last, since, seen = beat, now, True
        if beat is None and (seen or (root / names.COMPARISON).exists()):
            return _refuse_failure(root)
        if now - since > (SILENT_SECONDS if seen else absent):
            raise TrainingError(
                f"the first node, which runs the loop, has shown no sign of life in {root} for {now - since:.0f} s: "
                "expected the same command there, and a run directory that all nodes share; start it on all of them"
            )
        for call in calls(root) if seen and beat else ():
            if call.name not in answered and beat and call.caller == (beat.host, beat.pid, beat.created):
                answered.add(call.name)
                answer(call)
                since = time.monotonic()
        time.sleep(LOOK_SECONDS)


def world_size(settings: TrainingConfig) -> int:
    """Return the number of training processes on all nodes."""
    return settings.processes * settings.nodes.count


def _refuse_failure(root: Path) -> None:
    """Raise TrainingError where the run in `root` has not ended well."""
    ended: dict[str, str] = {}
    with suppress(DataError):
        for event in read_rows(root / names.EVENTS):
            ended = event if event.get("event") == "run_end" else ended
    if how := ENDED.get(ended.get("how", "")):
        raise TrainingError(f"the run on the first node {how}: {ended.get('message') or 'see its output'}")
