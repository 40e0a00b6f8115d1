"""What a confined process keeps of its user: none of root's rights, and where it was root, a user id of its own.

become_nobody(folder, may_read)   # "" or the reason why the user could not be changed
drop_capabilities()               # whoever the user is
reads_for_others(), pass_on_reading()   # the right to read Python's files, for a program that runs Python
"""

import contextlib
import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

# User ids that neither distributions nor containers hand out (systemd's table of UIDs), then, for user name spaces
# with 65,536 ids, the range from which systemd draws short-lived users.
_RANGES = ((1879048192, 1 << 22), (61184, 4336))
_CAPABILITY_VERSION = 0x20080522
_DAC_READ_SEARCH = 2
_PR_SET_KEEPCAPS, _PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP, _PR_SET_DUMPABLE = 8, 38, 24, 4
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2


def become_nobody(folder: Path, may_read: Iterable[Path]) -> str:
    """Change to a user id that is nobody's, which then owns `folder`; return "" or the reason why that failed.

    Where a path of `may_read` (Python's own files, below /root) is closed to such a user, this process alone, not the
    programs that it starts, keeps the right to read what it could read before; Landlock bounds that right.
    """
    if os.geteuid() != 0:
        return "only root can give each worker a user id of its own"
    keep = not all(_open_to_all(path) for path in may_read)
    libc = ctypes.CDLL(None, use_errno=True)
    reason = ""
    for first, count in _RANGES:
        number = first + os.getpid() % count
        try:
            os.chown(folder, number, number)
            os.setgroups([])
            os.setresgid(number, number, number)
            libc.prctl(_PR_SET_KEEPCAPS, int(keep), 0, 0, 0)
            os.setresuid(number, number, number)
        except OSError as error:
            reason = f"the user id cannot be changed ({error.strerror})"
            continue
        _set_capabilities(1 << _DAC_READ_SEARCH if keep else 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        return ""
    with contextlib.suppress(OSError):
        os.setresgid(0, 0, 0)
        os.chown(folder, 0, 0)
    return reason


def drop_capabilities() -> None:
    """Give up every capability of this process and of whatever it starts, set-user-id programs included."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(64):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _set_capabilities(0)


def reads_for_others() -> bool:
    """True if this process, which is no longer root, has kept the right to read what root could read."""
    found = ctypes.create_string_buffer(24)
    ctypes.CDLL(None).capget(struct.pack("=Ii", _CAPABILITY_VERSION, 0), found)
    return os.geteuid() != 0 and bool(struct.unpack_from("=I", found)[0] & 1 << _DAC_READ_SEARCH)


def pass_on_reading() -> None:
    """Let the one program that this process is about to become keep that right; what bounds it is inherited, too."""
    kept = 1 << _DAC_READ_SEARCH
    _set_capabilities(kept, kept)
    ctypes.CDLL(None).prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _DAC_READ_SEARCH, 0, 0)


def _set_capabilities(kept: int, inheritable: int = 0) -> None:
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    low = struct.pack("=III", kept, kept, inheritable)  # effective, permitted, inheritable
    ctypes.CDLL(None, use_errno=True).capset(header, low + struct.pack("=III", 0, 0, 0))


def _open_to_all(path: Path) -> bool:
    """True if every user can reach and read `path`."""
    try:
        if not path.stat().st_mode & 0o004:
            return False
        return all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)
    except OSError:
        return False
