"""Whether benches in Python can run here, for the tests that run them."""

import pytest

from itertl.errors import MissingToolError
from itertl.tools.cocotb import find_cocotb


def lacking() -> str:
    """Return "" where cocotb can be used, else what is missing."""
    try:
        find_cocotb()
    except MissingToolError as error:
        return str(error)
    return ""


LACKING = lacking()
needs_cocotb = pytest.mark.skipif(bool(LACKING), reason=LACKING)
