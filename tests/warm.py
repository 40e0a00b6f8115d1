"""The command `itertl` without its start: each call is forked off a process that has imported the libraries once.

    with commands(folder, {"COLUMNS": "120"}) as path: subprocess.run(["itertl", ...], env=os.environ | {"PATH": path})

A document's three dozen commands would import torch and all the rest again and again, which takes longer than most of
what they do. The call's arguments, environment, folder, input and output are its own. What a call leaves behind as it
is killed, and the start of the real command, are for tests/cli.
"""

import contextlib
import gc
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

PREPARED = ("itertl.loop", "itertl.sampling.in_process", "itertl.training.stages", "itertl.report.write", "pyslang")

CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as call:
    call.connect({place!r})
    socket.send_fds(call, [b"."], [0, 1, 2])
    call.sendall(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode())
    call.shutdown(socket.SHUT_WR)
    sys.exit(int(call.recv(16)))
"""


@contextlib.contextmanager
def commands(folder: Path, screen: dict[str, str]) -> Iterator[str]:
    """Serve inside the block; yield a PATH on which `itertl` is found in `folder`, an empty one with a short name.

    `screen` holds what consoles read as they are made, that is before a call.
    """
    place = folder / "calls"
    (folder / "itertl").write_text(CLIENT.format(python=sys.executable, place=str(place)))
    (folder / "itertl").chmod(0o755)
    with socket.socket(socket.AF_UNIX) as calls:
        calls.bind(str(place))
        calls.listen()
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", str(calls.fileno())],
            cwd=Path(__file__).parents[1], env=os.environ | screen, pass_fds=[calls.fileno()],
        )  # fmt: skip
    try:
        yield os.pathsep.join([str(folder), str(Path(sys.executable).parent), os.environ["PATH"]])
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
            call.sendall(str(os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])).encode())
            os._exit(0)
        call.close()


def work(streams: list[int], arguments: list[str], place: str, environment: dict[str, str]) -> NoReturn:
    """Be the command."""
    from itertl.cli.app import main

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(place)
    os.environ.clear()
    os.environ.update(environment)
    sys.path.pop(0)  # where this module was found
    sys.argv = ["itertl", *arguments]
    main()
    sys.exit()


if __name__ == "__main__":
    import importlib

    for name in ("transformers.models.llama.modeling_llama", *PREPARED):
        importlib.import_module(name)
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
