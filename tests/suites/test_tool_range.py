"""A simulator outside the tested range is warned about, with the known effect."""

from itertl.suites.tool_range import version_warning


def test_only_versions_outside_the_tested_range_are_warned_about() -> None:
    assert version_warning("iverilog 11.0") == version_warning("iverilog 12.0") == version_warning("") == ""
    assert "older" in version_warning("iverilog 10.3")
    assert "refuses benches" in version_warning("iverilog 13.0 (devel)")
    assert "cannot be told" in version_warning("iverilog devel")
