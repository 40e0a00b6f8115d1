"""Which page a directory gets, and the file that it is written to.

itertl report runs/quickstart        itertl report results
"""

from pathlib import Path

from itertl.disk import names
from itertl.disk.artefacts import write_text
from itertl.disk.pulse import lives
from itertl.disk.run_dir import holds_results, read_config
from itertl.errors import ConfigError, RunDirectoryError, UsageError
from itertl.report import page
from itertl.report.evaluation import page as evaluation_page
from itertl.report.evaluation.reading import is_evaluation, measured, read_evaluation
from itertl.report.reading import read_run

REPORT = names.REPORT


def write_report(folder: Path, out: Path | None = None, draw: bool = False) -> Path:
    """Write the page of a run or an evaluation to `out` (default: report.html inside `folder`) and return its path.

    `draw` says that schematics which are not drawn yet are drawn now, where the tools for it are installed; without it
    nothing runs, and the page has those that were drawn before.

    While a process works on the run, which writes the page anew, the page loads itself again.

    Raise RunDirectoryError where `folder` is no directory or `out` cannot be written to.
    """
    if not folder.is_dir():
        raise RunDirectoryError(f"{folder} is {_EXPECTED}")
    out = out or folder / REPORT
    if is_evaluation(folder):
        text = evaluation_page.render(read_evaluation(folder), draw=draw)
    else:
        text = page.render(read_run(folder), live=lives(folder), draw=draw)
    write_text(out, text)
    return out


def reportable(folder: Path) -> list[Path]:
    """Return the directories that a page is written for: `folder`, or those of an evaluation with several settings.

    Raise ConfigError where there is neither, or where a run's config cannot be read, and UsageError where nothing was
    measured in it and no process works there.
    """
    if is_evaluation(folder):
        if not measured(folder) and not lives(folder):
            raise UsageError(NOTHING.format(folder=folder, what="eval"))
        return [folder]
    if (folder / names.CONFIG).is_file():
        read_config(folder)
        if not holds_results(folder) and not lives(folder):
            raise UsageError(NOTHING.format(folder=folder, what="run or eval"))
        return [folder]
    inner = sorted(folder.iterdir()) if folder.is_dir() else []
    begun = [setting for setting in inner if is_evaluation(setting)]
    settings = [setting for setting in begun if measured(setting) or lives(setting)]
    if begun and not settings:
        raise UsageError(NOTHING.format(folder=folder, what="eval"))
    if not settings:
        raise ConfigError(f"{folder} is {_EXPECTED}")
    return settings


NOTHING = "nothing measured yet in {folder}: its {what} ended before; the same command again goes on"
_EXPECTED = (
    "not a run directory, and no evaluation's: expected the directory that `itertl run` wrote (with its config.yaml), "
    "or the --out of an `itertl eval`"
)
