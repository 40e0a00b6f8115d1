"""Landlock: a process gives up the file system, its children with it, except for the folders that it names.

    abi()                                          # 0 where the kernel does not offer it
    restrict(run=[Path("/usr")], read=[conf], write=[folder])  # irrevocable; "" or the reason why it is not in force

Below `run` files may be read and executed, below `write` everything may be done but execution and special files.
From ABI 4 on no TCP port can be bound or connected to; from ABI 6 on signals and abstract sockets of processes
outside are out of reach. Processes outside can never be traced, nor their environment read (every ABI).
Source: the kernel's Documentation/userspace-api/landlock.rst.
"""

import contextlib
import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_TRUNCATE = 1 << 14
_READ = _READ_FILE | _READ_DIR
_WRITE = _WRITE_FILE | _READ_FILE | _READ_DIR | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _TRUNCATE
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # ABI -> how many rights on files it knows
_NET_RIGHTS = 0b11  # bind and connect by TCP, from ABI 4 on
_SCOPES = 0b11  # abstract sockets and signals, from ABI 6 on
_NEWEST = 7


def abi() -> int:
    """Return the version of Landlock that the kernel offers, 0 for none."""
    return max(0, _call(_CREATE_RULESET, None, 0, _VERSION_FLAG)) if sys.platform.startswith("linux") else 0


def restrict(run: Iterable[Path], read: Iterable[Path], write: Iterable[Path]) -> str:
    """Give up everything that is not below `run`, `read` or `write`; return "" or the reason why that is not in force.

    Missing paths are left out. Special files among `write` (/dev/null) can be read and written.
    """
    version = min(abi(), _NEWEST)
    if not version:
        return "the kernel does not offer Landlock"
    handled = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    attribute = struct.pack("=Q", handled)
    if version >= 4:
        attribute += struct.pack("=Q", _NET_RIGHTS)
    if version >= 6:
        attribute += struct.pack("=Q", _SCOPES)
    ruleset = _call(_CREATE_RULESET, attribute, len(attribute), 0)
    if ruleset < 0:
        return f"Landlock refuses a ruleset ({os.strerror(-ruleset)})"
    try:
        granted = [(p, _READ | _EXECUTE) for p in run] + [(p, _READ) for p in read] + [(p, _WRITE) for p in write]
        for path, rights in granted:
            with contextlib.suppress(FileNotFoundError, PermissionError, NotADirectoryError):
                _allow(ruleset, path, rights & handled)
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        status = _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return f"Landlock cannot be entered ({os.strerror(-status)})" if status < 0 else ""


def _allow(ruleset: int, path: Path, rights: int) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= _ON_FILES
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, handle), 0)
    finally:
        os.close(handle)


def _call(number: int, *arguments: int | bytes | None) -> int:
    """Return what the system call returns, or minus the error number."""
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    passed = [a if a is None or isinstance(a, bytes) else ctypes.c_long(a) for a in arguments]
    result = int(call(ctypes.c_long(number), *passed))
    return -ctypes.get_errno() if result < 0 else result
