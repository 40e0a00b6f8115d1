"""The page of an evaluation: its result in a sentence, pass@k, outcomes, problems, samples and how they came about.

itertl eval gym-test --model runs/quickstart --out results && itertl report results
"""

from itertl.evaluation.benched import MISSING
from itertl.evaluation.result import JUDGED_WHOLE, WHOLE_ANSWERS
from itertl.report.evaluation import figures, problems, quality
from itertl.report.evaluation.reading import Evaluated, verified
from itertl.report.evaluation.samples import choose_samples
from itertl.report.layout import (
    Page,
    assemble,
    configuration,
    facts,
    figure,
    key_numbers,
    last_event,
    legend,
    sample_browser,
    section,
)
from itertl.report.markup import Markup, element
from itertl.report.outcomes import UNVERIFIED, entries
from itertl.report.parsing import mapping, number, whole
from itertl.report.schematics import add_schematics
from itertl.suites.tool_range import version_warning
from itertl.words import counted

SHOWN_NAMES = 12  # problems that a notice lists
NO_RESULT = "Appears with the result."
LINKS = (
    ("result", "Result"),
    ("outcomes", "Outcomes"),
    ("problems", "Problems"),
    ("quality", "Quality"),
    ("samples", "Samples"),
    ("origin", "Origin"),
)


def render(evaluated: Evaluated, draw: bool = False) -> str:
    """Return the whole page for `evaluated`; `draw` has schematics drawn that are not drawn yet."""
    samples = choose_samples(evaluated)
    add_schematics(samples, evaluated.path, draw, str(mapping(evaluated.config.get("verify")).get("sandbox", "auto")))
    shown = {str(sample["task"]) for sample in samples["samples"]}
    synthesis = _quality(evaluated)
    both = [("outcome", "Strict"), ("official", "Official")] if evaluated.benched else [("outcome", "Outcome")]
    page = Page(
        kicker="ITERTL evaluation",
        title=f"{evaluated.suite} · {evaluated.source}" if evaluated.source else evaluated.suite,
        sentence=sentence(evaluated, samples["drawn"]),
        numbers=_numbers(evaluated, samples["drawn"], samples["distinct"]),
        notices=[*warnings(evaluated), *evaluated.notices],
        links=[link for link in LINKS if link[0] != "quality" or synthesis],
        sections=[
            _result(evaluated),
            _outcomes(evaluated),
            _problems(evaluated, shown),
            synthesis,
            sample_browser(samples, "outcomes and problems", [*both, ("task", "Problem")]),
            _origin(evaluated),
        ],
        footer=last_event(evaluated.events, "evaluation"),
        samples=samples,
    )
    return assemble(page)


def sentence(evaluated: Evaluated, drawn: int) -> str:
    """Return the result in one sentence that claims no more than its numbers."""
    strict, official = evaluated.strict, evaluated.sides.get("official")
    if strict is None:
        judged = sum(n for (outcome, _), n in evaluated.pairs.items() if outcome not in (MISSING, UNVERIFIED))
        begun = f"{counted(drawn, 'samples are', 'sample is')} drawn, {counted(judged, 'have', 'has')} a verdict"
        return f"There is no result yet: {begun}."
    found = strict.pass_at.get(1)
    if found is None:
        return f"No sample of {figures.problems(strict.problems)} of {evaluated.suite} has been verified."
    who = f"{evaluated.source} reaches" if evaluated.settings.get("model") else "The candidates reach"
    each = f"{'' if _even(evaluated) else 'up to '}{counted(strict.samples, 'samples')} each"
    text = f"{who} pass@1 {found.rounded(figures.PLACES)} on {figures.problems(strict.problems)} of {evaluated.suite}"
    text += f" with {each}"
    if official and 1 in official.pass_at:
        text += f", judged strictly; {official.pass_at[1].rounded(figures.PLACES)} by the suite's own rule"
    return f"{text}{_lacking(evaluated)}."


def warnings(evaluated: Evaluated) -> list[str]:
    """Return what has to be known before the figures are believed."""
    found = []
    if lacking := _lacking(evaluated):
        found.append(
            f"{lacking.removeprefix('; ').capitalize()}. A missing sample leaves its problem's n; it is never wrong."
        )
    if tool := version_warning(str(evaluated.result.get("tools") or "")):
        found.append(f"{tool}.")
    if share := number(evaluated.result.get("own_module")):
        found.append(WHOLE_ANSWERS.format(share=f"{share:.1%}"))
    if evaluated.settings.get("whole"):
        found.append(JUDGED_WHOLE[0].upper() + JUDGED_WHOLE[1:])
    unjudged = evaluated.result.get("no_strict")
    if isinstance(unjudged, list) and unjudged:
        more = f" and {len(unjudged) - SHOWN_NAMES} more" if len(unjudged) > SHOWN_NAMES else ""
        named = ", ".join(str(name) for name in unjudged[:SHOWN_NAMES]) + more
        found.append(f"No strict verdict, because the reference fails the suite's bench on these tools: {named}.")
    return found


def _numbers(evaluated: Evaluated, drawn: int, distinct: int) -> Markup:
    cards = [
        (f"{side.pass_at[k].value:.{figures.PLACES}f}", f"pass@{k}", rule)
        for rule, side in evaluated.sides.items()
        for k in sorted(side.pass_at)
        if rule == "strict" or k == 1
    ]
    if strict := evaluated.strict:
        cards.append((f"{strict.problems:,}", "problems", ""))
        apart = {"missing": strict.missing, "unsupported": strict.unsupported}
        more = ", ".join(f"{count:,} {name}" for name, count in apart.items() if count)
        cards.append((f"{verified(strict):,}", "verified samples", more))
    elif drawn:
        cards.append((f"{drawn:,}", "samples drawn", ""))
    if distinct:
        cards.append((f"{distinct:,}", "distinct designs", ""))
    return key_numbers(cards)


def _result(evaluated: Evaluated) -> Markup:
    ways = figures.measurements(evaluated)
    chart = figure(
        "Pass@k",
        "Whiskers: 95 % over problems. Broad bars: 95 % over the samples alone, the problems being what they are.",
        figures.pass_at(evaluated),
        NO_RESULT,
        legend([(style, name, None) for style, name, _ in ways]),
    )
    numbers = figure(
        "Numbers",
        "In brackets the interval over problems; ± is what the samples alone leave open.",
        figures.pass_at_table(evaluated),
        NO_RESULT,
    )
    return section("result", "Result", "", [element("div", chart, numbers, class_="pair top")])


def _outcomes(evaluated: Evaluated) -> Markup:
    found = figures.outcomes(evaluated)
    about = "What the tools found out about every sample, from nothing usable (left) to right (right)."
    if found is None:
        return section(
            "outcomes", "Outcomes", about, [element("p", "Appears with the first verdicts.", class_="empty")]
        )
    chart, names = found
    cards = [
        (f"{rate:.1%}", word, "strict")
        for name, word in (("syntax", "right syntax"), ("elaboration", "elaborate"))
        if (rate := evaluated.rate(name)) is not None
    ]
    parts: list[Markup | None] = [legend(entries(names)), element("div", chart, class_="wide-chart")]
    parts.append(key_numbers(cards) if cards else None)
    if apart := figures.disagreements(evaluated):
        parts.append(figure("Strict and official", apart[0], apart[1] or Markup(""), ""))
    return section("outcomes", "Outcomes", about, parts)


def _problems(evaluated: Evaluated, shown: set[str]) -> Markup:
    found = problems.ranked(evaluated)
    picture = problems.picture(found, shown)
    if picture is None:
        return section("problems", "Problems", "", [element("p", NO_RESULT, class_="empty")])
    parts = [problems.key(found), element("div", picture, class_="wide-chart")]
    tables = [problems.numbers(found, shown), problems.defects(found, evaluated.left_out, shown)]
    return section("problems", "Problems", problems.describe(found), parts, tables)


def _quality(evaluated: Evaluated) -> Markup | None:
    found = mapping(evaluated.result.get("quality"))
    values, chart, numbers = quality.measures(found), quality.ratios(found), quality.ratio_table(found)
    if values is None and numbers is None:
        return None
    said = "Of the designs that pass, by problem: below 1 is smaller than the reference, whiskers are 95 %."
    cells = [
        figure("Against the reference", said, chart, "No ratio can be told."),
        figure("Measures", "Of all designs that elaborate.", values, "Nothing else is told."),
    ]
    about = "Counted as smaller or larger is a problem beyond what rewording its reference does (its floor)."
    return section("quality", "Synthesis", about, [element("div", *cells, class_="pair top")], [numbers])


def _origin(evaluated: Evaluated) -> Markup:
    result = evaluated.result
    judged = {
        "rows": result.get("rows"),
        "dataset": result.get("dataset"),
        "candidates": result.get("candidates"),
        "policy": evaluated.strict.policy if evaluated.strict else None,
        "tools": result.get("tools"),
        "sandbox": result.get("sandbox"),
    }
    cells = [
        figure("How it was drawn", "", facts(evaluated.settings), NO_RESULT),
        figure("How it was judged", "", facts({k: v for k, v in judged.items() if v}), NO_RESULT),
        figure("Config", "", configuration(evaluated.config_text, evaluated.config), "config.yaml is not there yet."),
        figure("Environment", "", facts(evaluated.environment), "env.json is not there yet."),
    ]
    rows = [element("div", *pair, class_="pair top") for pair in (cells[:2], cells[2:])]
    return section("origin", "Origin", "", rows)


def _even(evaluated: Evaluated) -> bool:
    """True if all problems have the same number of verified samples."""
    strict = evaluated.strict
    return strict is not None and len({n for n, _ in strict.per_problem.values()}) <= 1


def _lacking(evaluated: Evaluated) -> str:
    """Return what the result lacks, as the end of a sentence; "" where it is complete."""
    parts = []
    if missing := evaluated.strict.missing if evaluated.strict else 0:
        parts.append(f"{counted(missing, 'samples are', 'sample is')} missing")
    if short := whole(evaluated.result.get("short")):
        parts.append(f"{figures.problems(short)} {'has' if short == 1 else 'have'} too few verified samples")
    return f"; incomplete: {', '.join(parts)}" if parts else ""
