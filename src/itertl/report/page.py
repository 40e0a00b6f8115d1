"""The page of a run: its figures, words and samples.

itertl report runs/quickstart
"""

from itertl.report import curves, families, figures, outcomes, sections
from itertl.report.layout import (
    Page,
    assemble,
    configuration,
    facts,
    figure,
    folded,
    last_event,
    legend,
    sample_browser,
    section,
    table,
)
from itertl.report.markup import Markup, element
from itertl.report.parsing import mapping
from itertl.report.reading import Run
from itertl.report.samples import choose_samples
from itertl.report.schematics import add_schematics
from itertl.report.timing import duration

LINKS = (
    ("result", "Result"),
    ("outcomes", "Outcomes"),
    ("families", "Families"),
    ("learning", "Learning"),
    ("exploration", "Exploration"),
    ("time", "Time"),
    ("samples", "Samples"),
    ("settings", "Settings"),
)
NOTHING_TRAINED = "Appears with the first training."
FILTERS = (
    ("use", "Drawn for"),
    ("iteration", "Iteration"),
    ("outcome", "Outcome"),
    ("family", "Family"),
    ("level", "Level"),
)


REFRESH_SECONDS = 15  # after which the page of a run that is under way loads itself again


def render(run: Run, live: bool = False, draw: bool = False) -> str:
    """Return the whole page for `run`; that of a `live` one loads itself again and again.

    `draw` has schematics drawn that are not drawn yet.
    """
    samples = choose_samples(run)
    add_schematics(samples, run.path, draw, str(mapping(run.config.get("verify")).get("sandbox", "auto")))
    by_family, explored = _families(run), _exploration(run)
    absent = {"families": by_family is None, "exploration": explored is None}
    page = Page(
        kicker="ITERTL run",
        title=run.name,
        sentence=sections.result_sentence(run),
        numbers=sections.key_numbers(run, *samples["trained"]),
        notices=run.notices,
        links=[link for link in LINKS if not absent.get(link[0])],
        sections=[
            _result(run),
            sections.progress(run),
            _feedback(run),
            by_family,
            _learning(run),
            explored,
            _time(run),
            sample_browser(samples, "iterations and outcomes", FILTERS),
            _settings(run),
        ],
        footer=last_event(run.events, "run"),
        samples=samples,
        refresh=REFRESH_SECONDS if live else None,
    )
    return assemble(page)


def _result(run: Run) -> Markup:
    dev = figure(
        "Pass@1 on dev by iteration",
        "Dots are means over problems, whiskers their 95 % intervals.",
        figures.pass_at_1(run),
        "Appears with the first evaluation on dev.",
    )
    arms = [(f"a-{index % 4}", name, None) for index, name in enumerate(figures.arm_names(run).values())]
    final = figure(
        "Pass@1 on the final splits",
        "Tasks that no training step and no choice of an iteration has seen.",
        figures.final_splits(run),
        "Appears once the best iteration was evaluated on the final splits.",
        legend(arms),
    )
    numbers = sections.evaluations_table(run) if run.evaluated or run.finals else None
    return section("result", "Result", "", [element("div", dev, final, class_="pair")], [numbers])


def _feedback(run: Run) -> Markup:
    drawn, dev = figures.sample_outcomes(run), figures.dev_outcomes(run)
    present = {*(drawn[1] if drawn else ()), *(dev[1] if dev else ())}
    shown = outcomes.entries(name for name in outcomes.ORDER if name in present)
    pair = element(
        "div",
        figure(
            "Samples drawn for training",
            "Each iteration draws from the policy before it. Choose a part to see its samples.",
            drawn[0] if drawn else None,
            "Appears with the first candidates.",
        ),
        figure(
            "Samples of the evaluation on dev",
            "The policy after each iteration.",
            dev[0] if dev else None,
            "Appears with the first evaluation on dev.",
        ),
        class_="pair",
    )
    return section(
        "outcomes",
        "Outcomes",
        "What the tools found out about every sample, from nothing usable (top) to right (bottom).",
        [legend(shown) if shown else None, pair],
    )


def _families(run: Run) -> Markup | None:
    found = [(use, title, each) for use, title in families.uses_shown(run) if (each := families.mixes(run, use))]
    if not found:
        return None
    shown = families.present_outcomes(each for *_, each in found)
    key = legend([(f"o-{name}", outcomes.outcome_name(name), None) for name in shown])
    parts: list[Markup | None] = [key]
    for number, (use, title, each) in enumerate(found):
        content = families.family_table(each, use)
        if content is not None:
            heading = element("summary", title)
            parts.append(element("details", heading, content, open="" if number == 0 else None))
    about = "Bars are outcomes, numbers pass@1, columns iterations. Choose one to see its samples."
    return section("families", "Families", about, parts)


def _learning(run: Run) -> Markup | None:
    cells = []
    if chart := curves.active_pairs(run):
        said = "Groups in which the scores of some pair differ by more than the gap: only they train the ranking term."
        cells.append(figure("Groups with an active pair", said, chart, ""))
    if chart := curves.mismatches(run):
        said = "Nats per token between the policy that drew samples and the one trained on them, on a few of these."
        cells.append(figure("Mismatch", said, chart, ""))
    for key, chart in curves.quantities(run).items():
        title, explained = curves.QUANTITIES[key]
        cells.append(figure(title, explained, chart, ""))
    content = element("div", *cells, class_="quad") if cells else element("p", NOTHING_TRAINED, class_="empty")
    return section(
        "learning",
        "Learning",
        "Curves run over all optimiser steps; dashed lines separate iterations, bands span least to greatest.",
        [content],
        [sections.kept_table(run)],
    )


def _exploration(run: Run) -> Markup | None:
    charts = curves.exploration(run)
    if not charts:
        return None
    said = {
        "designs": ("Distinct designs", "That differ in more than layout."),
        "right": ("Distinct designs that passed", "Other ways to be right."),
        "tasks": ("Tasks with a design that passed", "What there is to learn from without a reference."),
    }
    key = legend([("s-far", "all iterations up to this one", None), ("s-alone", "this iteration alone", None)])
    cells = [figure(*said[field], chart, "") for field, chart in charts.items()]
    about = "What the samples drawn for training have reached."
    foot = [curves.exploration_table(run)]
    return section("exploration", "Exploration", about, [key, element("div", *cells, class_="quad")], foot)


def _time(run: Run) -> Markup:
    found = figures.stage_times(run)
    if found is None:
        return section("time", "Time", "", [figure("Time per stage", "", None, "No stage has ended yet.")])
    chart, stages, spent = found
    entries: list[tuple[str, str, str | None]] = [(figures.stage_style(stage), stage, None) for stage in stages]
    lines = [
        ("whole run" if s.iteration is None else figures.iteration_name(s.iteration), s.stage, duration(s.seconds))
        for s in spent
    ]
    times = folded("Numbers", table(["iteration", "stage", "time"], lines))
    chart_cell = figure("Time per stage", "Wall time, attempts that were cut off included.", chart, "")
    return section("time", "Time", "", [legend(entries), element("div", chart_cell, class_="wide-chart")], [times])


def _settings(run: Run) -> Markup:
    config, found = configuration(run.config_text, run.config), facts(run.environment)
    cells = [
        figure("Config", "", config, "config.yaml is not there yet."),
        figure("Environment", "", found, "env.json is not there yet."),
    ]
    return section("settings", "Settings", "", [element("div", *cells, class_="pair top")])
