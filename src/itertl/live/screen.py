"""A picture of a run drawn for a terminal: what is under way now, and a line for each finished stage.

    render(picture)     the part that is drawn anew again and again
    line(picture, finished)     iter_01/candidates        480 samples in 1 min 20 s, 6.0 samples/s, 700 tokens/s

Every time but the one before "left" says what it is of, and no name that can be typed is cut.
"""

from collections import Counter

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from itertl.disk.pulse import Told
from itertl.disk.run_dir import names_of
from itertl.live.forecast import Left
from itertl.live.history import Finished
from itertl.live.picture import KILLED, RUNNING, UNKNOWN, Picture
from itertl.progress import duration, rates
from itertl.words import counted

BAR = 20  # characters
STAGE = 26  # characters that names of stages are padded to
COLOURS = {"passed": "green", "mismatch": "yellow", "tool_error": "magenta", "unsupported": "magenta"}  # else red
ENDS = {
    "ended": "ended",
    "stopped": "stopped as it was asked to",
    "interrupted": "interrupted; the same command continues it",
    "failed": "ended with an error; the same command continues it",
    KILLED: "its process is gone and told of no end, as one that was killed; the same command continues it",
    UNKNOWN: "no process works there, as far as its files tell",
}


def render(picture: Picture) -> RenderableType:
    """Return the whole picture, fit for any width from 40 columns."""
    parts: list[RenderableType] = [headline(picture)]
    if picture.jobs:
        parts.append(_bars(picture.jobs))
    elif picture.state == RUNNING:
        under_way = ", ".join(names_of(stage)[0] for stage in picture.under_way)
        parts.append(_wrapped(f"  {under_way or 'between stages'}", style="dim"))
    parts += [text for text in (_scores(picture.scores), _outcomes(picture.judged, picture.outcomes)) if text]
    if picture.message:
        parts.append(_wrapped(picture.message))
    return Group(*parts)


def headline(picture: Picture) -> Text:
    """Return how the run stands, in a line."""
    done, everything = picture.stages
    facts = []
    if picture.state == RUNNING:
        if picture.elapsed is not None:
            facts.append(f"running for {duration(picture.elapsed)}")
        if everything:
            facts.append(f"{done} of {counted(everything, 'stages')}")
        facts.append(left(picture.left))
    else:
        facts.append("complete" if picture.complete and picture.state == "ended" else ENDS[picture.state])
    return _wrapped(picture.name, style="bold").append(
        ": " + ", ".join(fact for fact in facts if fact), style="not bold"
    )


def left(found: Left | None) -> str:
    """Return the time that a run still takes in words, "" where it is not known."""
    if found is None:
        return ""
    return f"{'about' if found.whole else 'at least'} {duration(found.seconds)} left"


def line(picture: Picture, finished: Finished) -> Text:
    """Return the line of a finished stage, in which its name stands alone."""
    done, score = finished.done, picture.score_of(finished.stage)
    if score is not None:
        value, change = score
        said = f"pass@1 on dev {value:.3f}" + (f" ({change:+.3f})" if change is not None else "")
    elif done is not None and done.units:
        took = max(done.seconds, 1e-9)
        tokens = done.tokens / took if done.tokens else None
        facts = [f"{done.units:,} {done.unit} in {duration(done.seconds)}".replace("  ", " ")]
        told = rates(done.units / took, done.unit, tokens)
        said = ", ".join([*facts, *(told[-1:] if done.unit == "samples" else told)])  # fits 80 columns
    else:
        said = duration(finished.seconds)
    text = Text(f"{names_of(finished.stage)[0]:<{STAGE}} ", style="bold" if score is not None else "")
    return text.append(said, style="not bold")


def plain(picture: Picture) -> list[str]:
    """Return a line for each job, and one for the run, for where there is no terminal."""
    lines = []
    for job in picture.jobs:
        count = f"{job.done:,}" if job.total is None else f"{job.done:,}/{job.total:,}"
        facts = [count, *rates(job.rate, job.unit, job.tokens), f"{duration(job.elapsed)} so far"]
        if job.left is not None:
            facts.append(f"about {duration(job.left)} left")
        lines.append(f"{job.description}: {', '.join(facts)}")
    return [*lines, headline(picture).plain]


def _wrapped(text: str, style: str = "") -> Text:
    """Return a text that goes on in the next line, also while a line that must not be broken is printed above it."""
    return Text(text, style=style, no_wrap=False, overflow="fold")


def _bars(jobs: tuple[Told, ...]) -> Table:
    """Return a row a job: a bar, how many, how fast, how long; what is least needed wraps first."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=BAR)
    grid.add_column(overflow="fold")
    for job in jobs:
        count = f"{job.done:,}" if job.total is None else f"{job.done:,}/{job.total:,}"
        facts = [f"{count} {job.unit}".strip(), *rates(job.rate, job.unit, job.tokens)]
        facts.append(f"about {duration(job.left)} left" if job.left is not None else f"{duration(job.elapsed)} so far")
        grid.add_row(_bar(job), Text(job.description))
        grid.add_row("", Text(", ".join(facts), style="cyan"))
    return grid


def _bar(job: Told) -> RenderableType:
    if not job.total:
        return Text("─" * BAR, style="dim")
    return ProgressBar(total=job.total, completed=min(job.done, job.total), width=BAR)


def _scores(scores: dict[int, float]) -> Text | None:
    """Return pass@1 after each iteration, each with its change."""
    if not scores:
        return None
    best = max(scores, key=lambda t: (scores[t], -t))
    text, before = _wrapped("pass@1 on dev  "), None
    for t in sorted(scores):
        change = f" ({scores[t] - before:+.3f})" if before is not None else ""
        text.append("" if before is None else "  ")
        text.append(f"{t}: {scores[t]:.3f}{change}", style="bold green" if t == best and len(scores) > 1 else "")
        before = scores[t]
    return text


def _outcomes(judged: str, outcomes: Counter[str]) -> Text | None:
    """Return the shares of outcomes among the last verdicts."""
    total = outcomes.total()
    if not total:
        return None
    text = _wrapped(f"last {counted(total, 'verdicts')} of {judged}  ")
    for index, (outcome, count) in enumerate(outcomes.most_common()):
        text.append(", " if index else "").append(f"{outcome} {count / total:.0%}", style=COLOURS.get(outcome, "red"))
    return text
