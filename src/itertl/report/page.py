"""The page: a run's figures, words and samples put into one HTML file that opens offline.

Contract: the file refers to nothing outside itself, its content security policy admits only its own style and script,
text from the run is shown and never interpreted, and the same run gives the same bytes.

    itertl report runs/quickstart
"""

import base64
import hashlib
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from itertl.artefacts import write_text
from itertl.errors import RunDirectoryError
from itertl.records import Outcome
from itertl.report import figures, sections
from itertl.report.markup import Markup, element, embed, escape, join
from itertl.report.reading import Run, number, read_run
from itertl.report.samples import UNVERIFIED, choose_samples
from itertl.report.timing import duration


def write_report(run_dir: Path, out: Path | None = None) -> Path:
    """Write the report of `run_dir` to `out` (default: report.html inside it) and return its path.

    Raises RunDirectoryError where `run_dir` is no directory or `out` cannot be written to.
    """
    if not run_dir.is_dir():
        raise RunDirectoryError(f"{run_dir} is not a run directory; expected the directory that `itertl run` wrote")
    out = out or run_dir / "report.html"
    write_text(out, render(read_run(run_dir)))
    return out


def render(run: Run) -> str:
    """Return the whole page for `run`."""
    samples = choose_samples(run)
    style, script = _resource("report.css"), _resource("report.js")
    parts = [
        _result(run),
        sections.progress(run),
        _feedback(run),
        _learning(run),
        _time(run),
        _browser(samples),
        _settings(run),
    ]
    return Template(_resource("template.html")).substitute(
        policy=f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; base-uri 'none'",
        title=escape(run.name),
        sentence=escape(sections.result_sentence(run)),
        numbers=sections.key_numbers(run, samples["drawn"], samples["distinct"]),
        notices=_notices(run.notices),
        main=join(part for part in parts if part is not None),
        footer=_footer(run),
        samples=embed(samples, "sample-data"),
        style=style,
        script=script,
    )


def _result(run: Run) -> Markup:
    dev = _figure(
        "Pass@1 on dev by iteration",
        "Dots are means over problems, whiskers their 95 % intervals.",
        figures.pass_at_1(run),
        "Appears with the first evaluation on dev.",
    )
    arms = [(f"a-{index % 4}", name, None) for index, name in enumerate(figures.arm_names(run).values())]
    final = _figure(
        "Pass@1 on the final splits",
        "Tasks that no training step and no choice of an iteration has seen.",
        figures.final_splits(run),
        "Appears once the best iteration was evaluated on the final splits.",
        figures.legend(arms),
    )
    table = sections.evaluations_table(run) if run.evaluated or run.finals else None
    return _section("result", "Result", "", [element("div", dev, final, class_="pair")], table)


def _feedback(run: Run) -> Markup:
    drawn, dev = figures.sample_outcomes(run), figures.dev_outcomes(run)
    present = {*(drawn[1] if drawn else ()), *(dev[1] if dev else ())}
    entries = [
        (f"o-{name}", figures.outcome_name(name), f"#outcome={name}")
        for name in (*Outcome, UNVERIFIED)
        if name in present
    ]
    pair = element(
        "div",
        _figure(
            "Samples drawn for training",
            "Each iteration draws from the policy before it. Choose a part to see its samples.",
            drawn[0] if drawn else None,
            "Appears with the first candidates.",
        ),
        _figure(
            "Samples of the evaluation on dev",
            "The policy after each iteration.",
            dev[0] if dev else None,
            "Appears with the first evaluation on dev.",
        ),
        class_="pair",
    )
    return _section(
        "outcomes",
        "Outcomes",
        "What the tools found out about every sample, from nothing usable (top) to right (bottom).",
        [figures.legend(entries) if entries else None, pair],
    )


def _learning(run: Run) -> Markup:
    charts = figures.losses(run)
    cells = [
        _figure(
            "Groups with an active pair",
            "Groups in which the scores of some pair differ by more than the gap: only they train the ranking term.",
            figures.active_pairs(run),
            "Appears with the first scored groups.",
        )
    ]
    for key, (title, explained) in figures.LOSSES.items():
        cells.append(_figure(title, f"{explained[0].upper()}{explained[1:]}.", charts.get(key), "Not recorded yet."))
    return _section(
        "learning",
        "Learning",
        "Curves run over all optimiser steps; dashed lines separate iterations, bands span least to greatest.",
        [element("div", *cells, class_="quad")],
    )


def _time(run: Run) -> Markup:
    found = figures.stage_times(run)
    if found is None:
        return _section("time", "Time", "", [_figure("Time per stage", "", None, "No stage has ended yet.")])
    chart, stages, spent = found
    entries: list[tuple[str, str, str | None]] = [(figures.stage_style(stage), stage, None) for stage in stages]
    lines = [
        ("whole run" if s.iteration is None else figures.iteration_name(s.iteration), s.stage, duration(s.seconds))
        for s in spent
    ]
    table = sections.numbers_table(["iteration", "stage", "time"], lines)
    figure = _figure("Time per stage", "Wall time, attempts that were cut off included.", chart, "")
    return _section("time", "Time", "", [figures.legend(entries), element("div", figure, class_="wide-chart")], table)


def _browser(samples: dict[str, Any]) -> Markup:
    shown = len(samples["samples"])
    if not shown:
        return _section("samples", "Samples", "", [element("p", "Appears with the first candidates.", class_="empty")])
    chosen = "all" if shown == samples["distinct"] else "spread evenly over iterations and outcomes"
    about = f"{shown:,} of {samples['distinct']:,} distinct designs ({samples['drawn']:,} samples), {chosen}."
    return _section("samples", "Samples", about, [Markup(_resource("browser.html"))])


def _settings(run: Run) -> Markup:
    config, found = sections.configuration(run), sections.environment(run)
    cells = [
        _figure("Config", "", config, "config.yaml is not there yet."),
        _figure("Environment", "", found, "env.json is not there yet."),
    ]
    return _section("settings", "Settings", "", [element("div", *cells, class_="pair top")])


def _section(key: str, title: str, about: str, content: list[Markup | None], foot: Markup | None = None) -> Markup:
    parts = [part for part in (*content, foot) if part is not None]
    lead = [element("p", about, class_="about")] if about else []
    heading = element("h2", title, id=f"{key}-heading")
    return element("section", heading, *lead, *parts, id=key, class_="card", aria_labelledby=f"{key}-heading")


def _figure(title: str, about: str, content: Markup | None, missing: str, above: Markup | None = None) -> Markup:
    """Return a titled cell, with the word of when it will be filled where there is nothing yet."""
    shown = content if content is not None else element("p", missing, class_="empty")
    lead = [element("p", about)] if about else []
    key = [above] if above is not None and content is not None else []
    return element("figure", element("figcaption", element("h3", title), *lead, *key), shown)


def _notices(notices: list[str]) -> Markup:
    unique = list(dict.fromkeys(notices))
    if not unique:
        return Markup("")
    return element("ul", *(element("li", notice) for notice in unique), class_="notices", role="note")


def _footer(run: Run) -> Markup:
    times = [time for event in run.events if (time := number(event.get("time"))) is not None]
    if not times:
        return escape("ITERTL")
    last = datetime.fromtimestamp(times[-1], UTC).strftime("%Y-%m-%d %H:%M UTC")
    return escape(f"ITERTL · state of the run at {last}")


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _resource(name: str) -> str:
    return resources.files("itertl.report").joinpath(name).read_text(encoding="utf-8")
