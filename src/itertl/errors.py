"""The errors of the package: one tree, and each error knows the exit status it ends a command with.

A message says what was expected, what was found and what to do next. The command line prints it as one sentence,
without a traceback: exit status 2 for what the caller can correct by calling again (`UsageError`), 3 for the rest.
Status 1 is left to answers: the design has not passed, the machine lacks something.
"""


class ItertlError(Exception):
    """Base of every error that the package raises on purpose; ends a command with exit status 3."""

    exit_status = 3


class UsageError(ItertlError):
    """The call, the config or an input file is wrong; ends a command with exit status 2."""

    exit_status = 2


class ConfigError(UsageError):
    """A config has an unknown key, a wrong value, or differs from the one that the run was started with."""


class DataError(UsageError):
    """An input file is missing, empty, or holds a row that cannot be read."""


class MissingToolError(ItertlError):
    """An external program (Icarus Verilog, Yosys) or an optional Python package is not installed."""


class ToolError(ItertlError):
    """An external program failed in a way that says nothing about a candidate."""


class SandboxError(ItertlError):
    """A sandbox is required, and this machine cannot give one."""


class RunDirectoryError(ItertlError):
    """The run directory is locked by another run, damaged, or its disk is full."""


class TrainingError(ItertlError):
    """Training cannot go on: no usable groups, or losses that are not finite."""


class ServerError(ItertlError):
    """A sampling server cannot be reached, fails, or does not do what it is asked; no sample is made up for it."""
