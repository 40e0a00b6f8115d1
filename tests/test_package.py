"""The public surface, pinned."""

import itertl


def test_public_names() -> None:
    assert itertl.__all__ == [
        "Candidate",
        "Config",
        "Group",
        "ItertlError",
        "Outcome",
        "Store",
        "Task",
        "Verdict",
        "load_config",
        "open_run",
        "pass_at_k",
        "run",
        "verify",
    ]
    assert all(hasattr(itertl, name) for name in itertl.__all__)
