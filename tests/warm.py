"""Commands without their start: each call is forked off a process that has imported the libraries once.

    with commands(folder, {"COLUMNS": "120"}) as path: subprocess.run(["itertl", ...], env=os.environ | {"PATH": path})
    with interpreter(folder) as python: subprocess.run([python, "-m", "itertl.training.rank", ...])

A document's three dozen commands would import torch and all the rest again and again, which takes longer than most of
what they do; so would the processes that train together. The call's arguments, environment, folder, input and output
are its own, and it is killed where its caller is. What a call leaves behind as it is killed, and the start of the real
command, are for tests/cli; the start of the real training processes, for those that are killed in tests/training.
"""

import contextlib
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

LLAMA = "transformers.models.llama.modeling_llama"
COMMANDS = ("itertl.loop", "itertl.sampling.in_process", "itertl.training.stages", "itertl.report.write", "pyslang")
TRAINING = ("itertl.training.distributed", "itertl.training.launch", "torch.distributed.run", "torch._dynamo")

CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as call:
    call.connect({place!r})
    socket.send_fds(call, [b"."], [0, 1, 2])
    call.sendall(json.dumps([sys.argv, os.getcwd(), dict(os.environ)]).encode())
    call.shutdown(socket.SHUT_WR)
    sys.exit(int(call.recv(16)))
"""


@contextlib.contextmanager
def commands(folder: Path, screen: dict[str, str]) -> Iterator[str]:
    """Serve inside the block; yield a PATH on which `itertl` is found in `folder`, an empty one with a short name.

    `screen` holds what consoles read as they are made, that is before a call.
    """
    with _served(folder / "itertl", COMMANDS, screen):
        yield os.pathsep.join([str(folder), str(Path(sys.executable).parent), os.environ["PATH"]])


@contextlib.contextmanager
def interpreter(folder: Path) -> Iterator[str]:
    """Serve inside the block; yield a Python in `folder`, an empty one with a short name, that knows -m and -c."""
    with _served(folder / "python", TRAINING, {}):
        yield str(folder / "python")


@contextlib.contextmanager
def _served(client: Path, modules: Sequence[str], environment: dict[str, str]) -> Iterator[None]:
    place = client.with_name("calls")
    client.write_text(CLIENT.format(python=sys.executable, place=str(place)))
    client.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as calls:
        calls.bind(str(place))
        calls.listen()
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", str(calls.fileno()), LLAMA, *modules],
            cwd=Path(__file__).parents[1], env=os.environ | environment, pass_fds=[calls.fileno()],
        )  # fmt: skip
    try:
        yield
    finally:
        server.kill()
        server.wait()


def serve(calls: socket.socket) -> NoReturn:
    """Answer each call by a process of its own, which waits for the one that does the work; end by a signal only."""
    while True:
        call, _ = calls.accept()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:  # those that have answered
                pass
        if not os.fork():
            calls.close()
            _, streams, _, _ = socket.recv_fds(call, 1, 3)
            with call.makefile("rb") as file:
                arguments, place, environment = json.loads(file.read())
            if not (worker := os.fork()):
                call.close()
                work(streams, arguments, place, environment)
            with contextlib.suppress(BrokenPipeError):
                call.sendall(str(status_of(worker, call)).encode())
            os._exit(0)
        call.close()


def status_of(worker: int, call: socket.socket) -> int:
    """Wait for the end of `worker`, and kill it where the caller at the other end of `call` has gone."""
    poller, end = select.poll(), os.pidfd_open(worker)
    poller.register(end, select.POLLIN)
    poller.register(call, 0)  # of a socket that is gone there is always word
    if end not in dict(poller.poll()):
        os.kill(worker, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])


def work(streams: list[int], arguments: list[str], place: str, environment: dict[str, str]) -> NoReturn:
    """Be the command."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(place)
    os.environ.clear()
    os.environ.update(environment)
    sys.path.pop(0)  # where this module was found
    if Path(arguments[0]).name == "itertl":
        from itertl.cli.app import main

        sys.argv = ["itertl", *arguments[1:]]
        main()
    else:
        python(*arguments)
    sys.exit()


def python(executable: str, *arguments: str) -> None:
    """Be an interpreter that is called with -m MODULE or -c CODE."""
    sys.executable = executable
    at = next(n for n, argument in enumerate(arguments) if argument in ("-m", "-c"))
    sys.argv = ["-c", *arguments[at + 2 :]]
    if arguments[at] == "-m":
        runpy.run_module(arguments[at + 1], run_name="__main__", alter_sys=True)
    else:
        exec(arguments[at + 1], {"__name__": "__main__"})


if __name__ == "__main__":
    import importlib

    for name in sys.argv[2:]:
        importlib.import_module(name)
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
