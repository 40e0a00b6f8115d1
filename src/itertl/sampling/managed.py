"""Servers that live as long as one stage of sampling: started on the policy's directory, and gone with the run.

    with serving(Source(folder), digest, service, seed) as endpoint:
        ... endpoint.urls, endpoint.model ...

An engine holds the memory of its device until its process has ended, and serves the weights that it was started with;
so every stage starts its own, and training finds the device free. watch.py stops them even where the run is killed.
Several (`service.replicas`) get GPUs of their own each. One that ends is left out; the last one's end is the stage's.

On other hosts (`service.hosts`) watch.py is started by ssh, srun or the like, which pass on standard input: its end
there is the end of the server, whoever has ended.
"""

import logging
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from itertl.disk.sides import check_ended
from itertl.errors import ConfigError, ServerError
from itertl.sampling import watch
from itertl.sampling.draw import Service
from itertl.tools.process import await_end
from itertl.words import counted

LAST_LINES = 15  # of the log, in the message about a server that ended
PAUSE = 0.3  # seconds between two looks at a server that starts
HOST = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # where a server listens whose requests come from another host
log = logging.getLogger("itertl")


@dataclass(frozen=True)
class Source:
    """The folder that a server loads: whole weights, or, where `base` names the folder of theirs, adapters.

    `rank` is the size that the server keeps free for them.
    """

    folder: str
    base: str = ""
    rank: int = 0


@dataclass(frozen=True)
class Spot:
    """Where one server runs: a host, the words that run a command there (none: here), its GPUs, None for all."""

    host: str
    launcher: tuple[str, ...]
    devices: str | None


@dataclass(frozen=True)
class Endpoint:
    """Servers that offer a policy under the name `model`; `gone(url)` says why one can answer no more, or ""."""

    urls: tuple[str, ...]
    model: str
    managed: bool
    gone: Callable[[str], str]


@contextmanager
def serving(source: Source, digest: str, service: Service, seed: int) -> Iterator[Endpoint]:
    """Yield the endpoint for a policy; stop at the end what was started."""
    if service.servers:
        name = (service.model or "").replace("{digest}", digest)
        yield Endpoint(service.servers, name, managed=False, gone=lambda url: "")
        return
    name = f"policy-{digest}"
    named = bool(source.base) or any("{name}" in part for part in service.command)
    running: dict[str, Callable[[], str]] = {}
    with ExitStack() as stack:
        where = spots(service)
        for spot, port in zip(where, _free_ports(len(where)), strict=True):
            command = fill(
                service.adapters if source.base else service.command,
                policy=source.folder,
                port=str(port),
                name=name,
                seed=str(seed),
                base=source.base,
                rank=str(source.rank),
                gpus=str(service.gpus),
                host=EVERYWHERE if spot.launcher else HOST,
            )
            running[f"http://{spot.host}:{port}"] = stack.enter_context(_running(command, _log(port), spot))
        _await_any(running, service.startup)
        model = service.model or (name if named else source.folder)
        yield Endpoint(tuple(running), model, managed=True, gone=lambda url: running[url]())


def _await_any(running: dict[str, Callable[[], str]], seconds: float) -> None:
    """Wait for the servers; those that do not come up are left out of `running`, the last one's fault is raised."""
    for url, gone in list(running.items()):
        try:
            _await(url, seconds, gone, _log(int(url.rpartition(":")[2])))
        except ServerError as error:
            if len(running) == 1:
                raise
            del running[url]
            log.warning("%s is left out, %s left: %s", url, counted(len(running), "servers are", "server is"), error)


def spots(service: Service) -> list[Spot]:
    """Return where the servers of a service run: `replicas` on this machine, or on each of its hosts."""
    if not service.hosts:
        return [Spot(HOST, (), devices) for devices in device_groups(service)]
    found = []
    for host, words in service.hosts.items():
        launcher = tuple(shlex.split(words))
        groups = device_groups(service, {} if launcher else os.environ)
        found += [Spot(host if launcher else HOST, (*launcher, host) if launcher else (), group) for group in groups]
    return found


def _log(port: int) -> Path:
    return Path(tempfile.gettempdir()) / f"itertl-server-{os.getpid()}-{port}.log"


def device_groups(service: Service, environ: Mapping[str, str] = os.environ) -> list[str | None]:
    """Return the GPUs of each server of a host as CUDA_VISIBLE_DEVICES names them; None leaves one what there is.

    Raise ConfigError where this process sees fewer GPUs than they would need.
    """
    if service.replicas == 1 and not service.gpus:
        return [None]
    each = service.gpus or 1
    wanted = service.replicas * each
    given = environ.get("CUDA_VISIBLE_DEVICES")
    devices = [d.strip() for d in given.split(",") if d.strip()] if given else [str(n) for n in range(wanted)]
    if len(devices) < wanted:
        raise ConfigError(
            f"server.replicas asks for {counted(service.replicas, 'servers')} with {counted(each, 'GPUs')} each; "
            f"CUDA_VISIBLE_DEVICES names {len(devices)}: {given}"
        )
    return [",".join(devices[at : at + each]) for at in range(0, wanted, each)]


def fill(command: Sequence[str], **values: str) -> list[str]:
    """Return the command with {policy}, {port}, {name} and {seed} replaced; raise ConfigError without the first two."""
    for field in ("policy", "port"):
        if not any(f"{{{field}}}" in part for part in command):
            raise ConfigError(f"server.command needs {{{field}}} in one of its parts, found {list(command)}")
    filled = list(command)
    for field, value in values.items():
        filled = [part.replace(f"{{{field}}}", value) for part in filled]
    return filled


@contextmanager
def _running(command: Sequence[str], log: Path, spot: Spot) -> Iterator[Callable[[], str]]:
    """Run `command` under watch.py inside the block, at a spot; yield what tells, in words, that it has ended."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}
    chosen = {"CUDA_VISIBLE_DEVICES": spot.devices} if spot.devices is not None else {}
    watched = [sys.executable, "-I", watch.__file__, *command]
    with log.open("wb") as file:
        process = subprocess.Popen(
            elsewhere(spot, watched, chosen) if spot.launcher else watched,
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment | chosen,
            start_new_session=True,
        )

    def gone() -> str:
        if process.poll() is None:
            return ""
        last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:])
        return f"the sampling server ended with status {process.returncode}; {' '.join(command)}; log {log}:\n{last}"

    try:
        yield gone
    finally:
        if process.stdin:
            process.stdin.close()
        await_end(process, watch.GRACE + 5, group=True)


def elsewhere(spot: Spot, command: Sequence[str], variables: Mapping[str, str]) -> list[str]:
    """Return the call that runs `command` on the host of a spot; ssh passes words through a shell, others do not."""
    words = ["env", *(f"{name}={value}" for name, value in variables.items()), *command]
    if Path(spot.launcher[0]).name == "ssh":
        return [*spot.launcher, shlex.join(words)]
    return [*spot.launcher, *words]


def _await(url: str, seconds: float, gone: Callable[[], str], log: Path) -> None:
    """Return once the server is healthy; raise ServerError where it ends before, or takes longer than `seconds`."""
    end = time.monotonic() + seconds
    while not is_healthy(url):
        check_ended()
        if why := gone():
            raise ServerError(why)
        if time.monotonic() > end:
            raise ServerError(f"the sampling server is not ready within {seconds:g} s; its log is {log}")
        time.sleep(PAUSE)
    if why := gone():  # whoever answered at this port is another one
        raise ServerError(why)


def is_healthy(url: str) -> bool:
    """Return True if a server answers GET /health, or, where it has no such page, /v1/models."""
    try:
        status = httpx2.get(f"{url}/health", timeout=5.0, trust_env=False).status_code
        if status == 404:
            status = httpx2.get(f"{url}/v1/models", timeout=5.0, trust_env=False).status_code
    except httpx2.RequestError:
        return False
    return status == 200


def _free_ports(count: int) -> list[int]:
    """Return ports that are free now, all different."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
