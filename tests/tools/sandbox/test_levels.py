"""A confined process: each property is tried from inside, by it and by a program that it starts."""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from itertl.tools.sandbox import landlock, seccomp
from itertl.tools.sandbox import levels as sandbox
from itertl.tools.shop import open_shop

ALL = ("uid", "landlock", "seccomp")
INSIDE = """
import json, os, signal, subprocess, sys, ctypes, shutil
from pathlib import Path
from itertl.tools.sandbox import levels as sandbox
from itertl.tools.shop import open_shop
def denied(action):
    try:
        action()
    except OSError as error:
        return error.strerror
    return "possible"
def said(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, cwd=shop.folder)
    return done.stdout + done.stderr if done.returncode == 0 else "failed"
def call(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    return "possible" if getattr(libc, name)(*arguments) >= 0 else os.strerror(ctypes.get_errno())
folder, outside = Path(sys.argv[1]), Path(sys.argv[2])
shop = open_shop(folder)
{before}
sandbox.confine({steps!r}, shop.folder, shop.programs)
answer = {{}}
{script}
print(json.dumps([sandbox.level(), sandbox.reasons(), answer]))
"""


def inside(tmp_path: Path, script: str, steps: tuple[str, ...] = ALL, before: str = "") -> dict[str, Any]:
    """Run `script` in a process confined by `steps`; it fills `answer` and sees `folder`, `outside` and `shop`."""
    folder, outside = tmp_path / "worker", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.getuid() and parent.is_relative_to("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o011)
    (outside / "secret").write_text("hunter2")
    code = INSIDE.format(steps=steps, script=script, before=before)
    command = [sys.executable, "-P", "-c", code, str(folder), str(outside)]
    environment = {**os.environ, "SECRET_TOKEN": "hunter2", "HOME": str(outside)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    level, reasons, answer = json.loads(done.stdout)
    if "landlock" in reasons or "seccomp" in reasons:
        pytest.skip(f"this machine offers {level} only: {reasons}")
    assert {"landlock", "seccomp", "rlimits"} & set(steps) <= set(level.split("+"))
    return dict(answer)


def test_files_outside_are_neither_read_nor_written(tmp_path: Path) -> None:
    answer = inside(
        tmp_path,
        "answer['read'] = denied((outside / 'secret').read_text)\n"
        "answer['list'] = denied(lambda: os.listdir(outside))\n"
        "answer['write'] = denied(lambda: (outside / 'new').write_text('x'))\n"
        "answer['truncate'] = denied(lambda: os.truncate(outside / 'secret', 0))\n"
        "answer['remove'] = denied((outside / 'secret').unlink)\n"
        "answer['rename'] = denied(lambda: (shop.folder / 'a').rename(outside / 'a'))\n"
        "answer['temporary'] = denied(lambda: Path('/tmp/itertl-probe').write_text('x'))\n"
        "answer['memory'] = denied(lambda: Path('/dev/shm/itertl-probe').write_text('x'))\n"
        "answer['beside'] = denied(lambda: (folder / 'ivl.conf').write_text('module:evil.vpi'))\n"
        "answer['passwords'] = denied(Path('/etc/passwd').read_text)\n"
        "answer['cat'] = said('cat', str(outside / 'secret'))\n",
    )
    assert answer.pop("cat") == "failed"
    assert "possible" not in answer.values(), answer
    assert sorted(p.name for p in (tmp_path / "outside").iterdir()) == ["secret"]
    assert (tmp_path / "outside" / "secret").read_text() == "hunter2"


def test_its_own_folder_is_all_it_writes(tmp_path: Path) -> None:
    answer = inside(
        tmp_path,
        "answer['write'] = denied(lambda: (shop.folder / 'new').write_text('x'))\n"
        "answer['folder'] = denied(lambda: (shop.folder / 'sub').mkdir())\n"
        "answer['null'] = denied(Path('/dev/null').read_bytes)\n"
        "answer['link'] = denied(lambda: (shop.folder / 'link').symlink_to(outside / 'secret'))\n"
        "answer['pipe'] = denied(lambda: os.mkfifo(shop.folder / 'pipe'))\n"
        "shutil.copy('/bin/true', shop.folder / 'program')\n"
        "answer['execute'] = denied(lambda: subprocess.run([shop.folder / 'program']))\n",
    )
    assert [answer[name] for name in ("write", "folder", "null")] == ["possible"] * 3
    assert "possible" not in [answer[name] for name in ("link", "pipe", "execute")]


def test_a_program_that_runs_python_reads_its_files_and_no_others(tmp_path: Path) -> None:
    answer = inside(
        tmp_path,
        "def lent(*argv):\n"
        "    done = subprocess.run(\n"
        "        argv, capture_output=True, text=True, cwd=shop.folder, preexec_fn=sandbox.for_python())\n"
        "    return done.stdout if done.returncode == 0 else 'failed'\n"
        "answer['python'] = lent(sys.executable, '-I', '-c', 'import json; print(json.loads(\"[1]\"))').strip()\n"
        "answer['secret'] = lent('cat', str(outside / 'secret'))\n"
        "answer['passwords'] = lent('cat', '/etc/passwd')\n"
        "answer['beside'] = lent('touch', str(folder / 'new'))\n",
    )
    assert answer == {"python": "[1]", "secret": "failed", "passwords": "failed", "beside": "failed"}


def test_no_network_no_tracing_no_kernel_interfaces(tmp_path: Path) -> None:
    answer = inside(
        tmp_path,
        "for family in (1, 2, 10, 16):\n    answer[f'socket {family}'] = call('socket', family, 1, 0)\n"
        "answer['pair'] = call('socketpair', 1, 1, 0, (ctypes.c_int * 2)())\n"
        "answer['trace'] = call('ptrace', 16, os.getppid(), 0, 0)\n"
        "answer['name space'] = call('unshare', 0x10000000)\n"
        "answer['mount'] = call('mount', b'none', bytes(shop.folder), b'tmpfs', 0, None)\n"
        "answer['memory of others'] = call('process_vm_readv', os.getppid(), None, 0, None, 0, 0)\n"
        "answer['memory file'] = call('memfd_create', b'x', 0)\n"
        "answer['keys'] = call('syscall', 250, 0, 0, 0, 0, 0)\n"
        "answer['everyone'] = denied(lambda: os.kill(-1, 0))\n",
    )
    assert "possible" not in answer.values(), answer


def test_other_processes_are_out_of_reach(tmp_path: Path) -> None:
    if landlock.abi() < 6 and os.geteuid() != 0:
        pytest.skip(f"Landlock's ABI {landlock.abi()} does not confine signals; it needs 6, or root")
    answer = inside(
        tmp_path,
        "answer['signal'] = denied(lambda: os.kill(os.getppid(), 0))\n"
        "answer['environment'] = denied(Path(f'/proc/{os.getppid()}/environ').read_bytes)\n"
        "answer['own'] = denied(Path('/proc/self/environ').read_bytes)\n",
    )
    assert "possible" not in answer.values(), answer


def test_root_is_given_up_for_good(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give it up")
    answer = inside(
        tmp_path,
        "answer['root'] = denied(lambda: os.setuid(0))\n"
        "answer['user'] = os.getuid()\n"
        "answer['groups'] = os.getgroups()\n"
        "answer['program'] = said('id', '-u').strip()\n"
        "answer['change owner'] = denied(lambda: os.chown(shop.folder, 0, 0))\n",
    )
    assert answer["root"] != "possible"
    assert answer["change owner"] != "possible"
    assert int(answer["user"]) > 60000
    assert answer["program"] == str(answer["user"])
    assert answer["groups"] == []


def test_an_unprivileged_user_is_confined_too(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can change to another user; every other test here runs as one already")
    answer = inside(
        tmp_path,
        "answer['user'] = os.getuid()\n"
        "answer['read'] = denied((outside / 'secret').read_text)\n"
        "answer['write'] = denied(lambda: Path('/tmp/itertl-probe').write_text('x'))\n"
        "answer['socket'] = call('socket', 2, 1, 0)\n"
        "answer['reason'] = sandbox.reasons()['uid']\n"
        "answer['tool'] = said(str(shop.tools.vvp), '-V')[:6]\n",
        before="for path in (folder, shop.folder):\n    os.chown(path, 12345, 12345)\n"
        "os.setgroups([]); os.setresgid(12345, 12345, 12345); os.setresuid(12345, 12345, 12345)",
    )
    assert (answer["user"], answer["tool"]) == (12345, "Icarus")
    assert "only root" in answer["reason"]
    assert "possible" not in [answer[name] for name in ("read", "write", "socket")]


def test_workers_get_no_secret_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hunter2")
    monkeypatch.setenv("LD_PRELOAD", "/tmp/evil.so")
    environment = sandbox.environment(tmp_path)
    assert "PATH" in environment
    assert not {"HF_TOKEN", "LD_PRELOAD"} & environment.keys()


def test_the_home_folder_is_never_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{tmp_path}:/:{tmp_path / 'lib'}")
    (tmp_path / "lib").mkdir()
    readable = sandbox.readable_paths([tmp_path / "bin" / "tool"])
    assert tmp_path / "lib" in readable
    assert not {tmp_path, *tmp_path.parents} & set(readable)


def test_names_of_levels() -> None:
    assert sandbox.level() == "rlimits"
    assert sandbox.name_of(["seccomp", "uid", "landlock"]) == "landlock+seccomp+uid+rlimits"
    assert sandbox.sufficient(["bubblewrap"])
    assert not sandbox.sufficient(["landlock", "uid"])


def test_the_settings_of_the_compiler_lie_outside_of_what_runs_may_write(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    assert shop.settings is None or shop.folder not in shop.settings.parents
    assert shop.folder.parent == tmp_path


def verdict_of(machine: str, number: int, *arguments: int) -> int:
    """Run the filter on one system call, as the kernel would, and return its action."""
    words = {0: number, 4: {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine]}
    words |= {16 + 8 * i: value for i, value in enumerate(arguments)}
    rules, at, loaded = seccomp.program(machine), 0, 0
    while True:
        code, if_true, if_false, operand = rules[at]
        if code == 0x06:
            return operand
        if code == 0x20:
            loaded = words.get(operand, 0)
            at += 1
            continue
        held = {0x15: loaded == operand, 0x35: loaded >= operand, 0x45: bool(loaded & operand)}[code]
        at += 1 + (if_true if held else if_false)


@pytest.mark.parametrize(
    ("machine", "socket", "read", "clone", "kill"), [("x86_64", 41, 0, 56, 62), ("aarch64", 198, 63, 220, 129)]
)
def test_the_filter_of_each_machine(machine: str, socket: int, read: int, clone: int, kill: int) -> None:
    allow, denied, absent = 0x7FFF0000, 0x00050001, 0x00050026
    assert verdict_of(machine, read) == allow
    assert verdict_of(machine, socket) == denied
    assert verdict_of(machine, clone, 17) == allow
    assert verdict_of(machine, clone, 0x10000000 | 17) == denied
    assert verdict_of(machine, kill, 5) == allow
    assert verdict_of(machine, kill, 0xFFFFFFFF) == denied
    assert verdict_of(machine, 435) == absent
    assert verdict_of(machine, 500) == absent
    assert verdict_of(machine, 425) == denied
    if machine == "x86_64":
        assert verdict_of(machine, 0x40000000 + 41) == absent


def test_this_process_is_as_free_as_before() -> None:
    assert ctypes.CDLL(None).prctl(21, 0, 0, 0, 0) >= 0  # PR_GET_SECCOMP
    assert psutil.Process().open_files() is not None
