"""Ctrl-C while the command starts: one word and exit status 130, and nobody else's interrupts are touched."""

import signal
import subprocess
import sys

import pytest

from itertl.interrupt import is_command


@pytest.mark.parametrize("imported", ["itertl.errors", "itertl.verify.engine", "itertl.cli.suites"])
def test_an_interrupt_while_the_command_imports_is_one_word(imported: str) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "itertl", "doctor"]  # names each module behind its import
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = next((line for line in process.stderr if line.endswith(f" {imported}\n")), "")
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        printed = process.stdout.read()
    assert said, rest
    assert (process.returncode, printed) == (130, "")
    words = [line for line in rest.splitlines() if not line.startswith("import time:")]
    assert words == ["interrupted"]


def test_who_imports_the_package_keeps_interrupts() -> None:
    code = "import signal, itertl; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    restored = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    found = subprocess.run([sys.executable, "-c", restored + code], capture_output=True, text=True, check=True)
    assert found.stdout == "True\n"


@pytest.mark.parametrize(
    ("program", "words", "found"),
    [
        ("/usr/bin/itertl", ["python3", "/usr/bin/itertl", "run"], True),
        ("-m", ["python3", "-P", "-m", "itertl", "run"], True),
        ("-m", ["python3", "-m", "itertl.training.rank", "-m", "itertl"], False),
        ("-m", ["python3", "-m", "pytest", "itertl"], False),
        ("-c", ["python3", "-c", "import itertl"], False),
        ("", ["python3"], False),
        ("my_itertl.py", ["python3", "my_itertl.py"], False),
    ],
)
def test_the_command_is_told_from_programs_that_import_the_package(program: str, words: list[str], found: bool) -> None:
    assert is_command(program, words) is found
