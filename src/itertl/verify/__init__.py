"""Feedback from EDA tools that no candidate can cheat: text in, verdict out.

    completion --extract--> code --guard--> accepted --simulate--> trace --compare--> Verdict --score--> float

The reference's outputs never enter the candidate's simulation: a bench drives both separately and prints what comes
out, and the two traces are compared here.
"""

from itertl.verify.engine import verify
from itertl.verify.extract import code_id, extract_module, normalise
from itertl.verify.references import check_reference, check_references, elaborates_alone
from itertl.verify.settings import VerifySettings
from itertl.verify.simulate import tool_versions

__all__ = [
    "VerifySettings",
    "check_reference",
    "check_references",
    "code_id",
    "elaborates_alone",
    "extract_module",
    "normalise",
    "tool_versions",
    "verify",
]
