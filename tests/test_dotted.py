"""What users name by a dotted path is loaded, or refused in one sentence, however their module fails."""

from pathlib import Path

import pytest

from itertl.dotted import imported, value_at
from itertl.errors import ConfigError, ItertlError

BROKEN = {
    "syntax": "def (",
    "division": "x = 1 / 0",
    "missing": "import no_such_module_at_all",
    "lacking": "OTHER = 1",
}


def test_a_value_is_found_and_its_type_checked() -> None:
    assert value_at("itertl.errors:ItertlError", "class", type) is ItertlError
    with pytest.raises(ConfigError, match=r"the suite 'itertl.errors:ItertlError' is a type; expected builtins.int"):
        value_at("itertl.errors:ItertlError", "suite", int)


@pytest.mark.parametrize("fault", BROKEN)
def test_a_module_that_fails_in_any_way_is_named(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"fails_by_{fault}.py").write_text(BROKEN[fault] + "\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match=f"the score 'fails_by_{fault}:f' cannot be loaded .*package.module:NAME"):
        imported(f"fails_by_{fault}:f", "score")


@pytest.mark.parametrize("path", ["", ":", "x", ".x:f", "math:"])
def test_odd_paths_are_refused(path: str) -> None:
    with pytest.raises(ConfigError, match="cannot be loaded"):
        imported(path, "rule")
