"""A filter on system calls, by seccomp: what neither a simulator nor Python needs is denied, for good and for children.

    install()   # "" or the reason why it is not in force

Denied are sockets of every kind, tracing and reading other processes, name spaces, mounts, kernel modules, bpf, keys,
io_uring, performance counters, System V memory, memory files, raw ports, clocks. System calls that are younger than
the list answer "not implemented", which every C library knows how to handle; so does clone3, whose flags a filter
cannot see. A process of a foreign architecture is killed.
"""

import ctypes
import os
import platform
import struct

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 38, 22
_MODE_FILTER = 2
_SPEC_ALLOW = 1 << 2  # without it, kernels before 5.16 slow the process down against attacks on the processor's caches

# machine -> (number in the audit interface, number of seccomp(2), column in _DENIED)
_MACHINES = {"x86_64": (0xC000003E, 317, 0), "aarch64": (0xC00000B7, 277, 1)}
_YOUNGEST = 466
_X32 = 0x40000000

# name -> number on x86-64, number on aarch64 (-1: does not exist there)
_DENIED = {
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "accept": (43, 202), "accept4": (288, 242),
    "bind": (49, 200), "listen": (50, 201), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440), "process_mrelease": (448, 448),
    "personality": (135, 92), "modify_ldt": (154, -1), "uselib": (134, -1), "_sysctl": (156, -1),
    "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41),
    "mount": (165, 40), "umount2": (166, 39), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "swapon": (167, 224), "swapoff": (168, 225), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "acct": (163, 89), "reboot": (169, 142), "sethostname": (170, 161),
    "setdomainname": (171, 162), "iopl": (172, -1), "ioperm": (173, -1), "syslog": (103, 116), "vhangup": (153, 58),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263), "mknod": (133, -1), "mknodat": (259, 33), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "execveat": (322, 281), "vmsplice": (278, 75), "mbind": (237, 235),
    "migrate_pages": (256, 238), "move_pages": (279, 239), "shmget": (29, 194), "shmat": (30, 196),
    "shmctl": (31, 195), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
}  # fmt: skip
_CLONE, _CLONE3, _KILL, _IOCTL = (56, 220), (435, 435), (62, 129), (16, 29)
_NAMESPACES = 0x7E020000 | 0x80  # flags of clone that make a new name space of any kind
_PUSH_BACK = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: typing into a terminal

# Classic BPF: the few instructions that are used here.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _MACHINE_AT, _FIRST_AT, _SECOND_AT = 0, 4, 16, 24  # offsets in struct seccomp_data, low words
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000
_NOT_PERMITTED, _NOT_IMPLEMENTED = 0x00050000 | 1, 0x00050000 | 38

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand


def program(machine: str) -> list[Instruction]:
    """Return the filter for `machine` (x86_64 or aarch64)."""
    audit, _, column = _MACHINES[machine]
    rules: list[Instruction] = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER_AT),
    ]
    if machine == "x86_64":
        rules += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _NOT_IMPLEMENTED)]
    rules += [(_AT_LEAST, 0, 1, _YOUNGEST + 1), (_RETURN, 0, 0, _NOT_IMPLEMENTED)]
    rules += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _NOT_IMPLEMENTED)]
    for numbers in _DENIED.values():
        if numbers[column] >= 0:
            rules += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _NOT_PERMITTED)]
    rules += _if_argument(_CLONE[column], _FIRST_AT, _ANY_BIT, [_NAMESPACES])
    rules += _if_argument(_KILL[column], _FIRST_AT, _EQUAL, [0xFFFFFFFF])  # minus one: every process
    rules += _if_argument(_IOCTL[column], _SECOND_AT, _EQUAL, list(_PUSH_BACK))
    return [*rules, (_RETURN, 0, 0, _ALLOW)]


def _if_argument(number: int, offset: int, test: int, values: list[int]) -> list[Instruction]:
    """Deny the system call `number` where the argument at `offset` passes `test` with one of `values`."""
    inner: list[Instruction] = [(_LOAD, 0, 0, offset)]
    for value in values:
        inner += [(test, 0, 1, value), (_RETURN, 0, 0, _NOT_PERMITTED)]
    inner.append((_RETURN, 0, 0, _ALLOW))
    return [(_EQUAL, 0, len(inner), number), *inner]


def install() -> str:
    """Put the filter in force for this thread and its children; return "" or the reason why it is not."""
    machine = platform.machine()
    if os.name != "posix" or platform.system() != "Linux" or machine not in _MACHINES:
        return f"no system call table for {platform.system()} on {machine}"
    rules = program(machine)
    packed = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *rule) for rule in rules))
    header = struct.pack("@HP", len(rules), ctypes.addressof(packed))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return f"no_new_privs cannot be set ({os.strerror(ctypes.get_errno())})"
    call = ctypes.c_long(_MACHINES[machine][1])
    if libc.syscall(call, ctypes.c_long(1), ctypes.c_long(_SPEC_ALLOW), header) == 0:
        return ""
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, header, 0, 0) == 0:
        return ""
    return f"the kernel refuses a seccomp filter ({os.strerror(ctypes.get_errno())})"
