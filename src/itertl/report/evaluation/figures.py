"""The charts and tables of pass@k and of outcomes; a figure is None where the evaluation has nothing to draw.

itertl report results
"""

from urllib.parse import urlencode

from itertl.evaluation.benched import MISSING
from itertl.outcome import Outcome
from itertl.report.charts import PERCENT, Bar, Caption, Mark, dot_rows, stacked_rows, value_axis
from itertl.report.evaluation.reading import RULES, Evaluated
from itertl.report.layout import table
from itertl.report.markup import Markup, element, join
from itertl.report.outcomes import ORDER, UNVERIFIED, outcome_name, present, segments
from itertl.report.parsing import Estimate, Evaluation
from itertl.words import counted

_NO_VERDICT = {Outcome.UNSUPPORTED.value, Outcome.TOOL_ERROR.value, MISSING, UNVERIFIED}
PLACES = 3  # decimal places of a share, as in the command's table


def measurements(evaluated: Evaluated) -> list[tuple[str, str, Evaluation]]:
    """Return (style, name, evaluation) of every way to count: by rule, with and without the defective problems."""
    found = [(f"r-{rule}", rule, evaluated.sides[rule]) for rule in RULES if rule in evaluated.sides]
    if evaluated.left_out:
        left = f"without {problems(len(evaluated.left_out), 'defective ')}"
        found += [
            (f"r-{rule} open", f"{rule}, {left}", evaluated.fair[rule]) for rule in RULES if rule in evaluated.fair
        ]
    return found


def pass_at(evaluated: Evaluated) -> Markup | None:
    """Pass@k: a row for each k, a dot for each way to count, whiskers over problems and a broad bar over samples."""
    ways = measurements(evaluated)
    rows, values, described = [], [0.0], []
    for k in sorted({k for *_, side in ways for k in side.pass_at}):
        dots = []
        for style, name, side in ways:
            if (found := side.pass_at.get(k)) is None:
                continue
            tip = f"pass@{k} · {name}\n{spelled(found)}"
            label = f"{found.value:.{PLACES}f}"
            dots.append((style, Mark(found.value, 0, found.low, found.high, tip, label, found.sampling)))
            values += [found.value, found.high or found.value]
            described.append(f"pass@{k} {name} {found.rounded(PLACES)}")
        rows.append((f"pass@{k}", dots))
    if not described:
        return None
    return dot_rows(Caption("passat", "Pass@k", ", ".join(described)), value_axis(values, "", 0, 1), rows, least=120)


def pass_at_table(evaluated: Evaluated) -> Markup | None:
    """Every number of the chart."""
    lines = []
    for _, name, side in measurements(evaluated):
        for k, found in sorted(side.pass_at.items()):
            alone = "-" if found.sampling is None else f"± {found.sampling:.{PLACES}f}"
            short = name.removesuffix("s").removesuffix(" problem")
            lines.append((k, (f"pass@{k}", short, found.rounded(PLACES), alone)))
    if not lines:
        return None
    head = ["measure", "judged", "value [95 %]", "samples"]
    return table(head, [line for _, line in sorted(lines, key=lambda entry: entry[0])])


def outcomes(evaluated: Evaluated) -> tuple[Markup, list[str]] | None:
    """The mix of outcomes by both rules, linked to the browser, and the outcomes that occur."""
    mixes = {rule: mix for rule, mix in evaluated.outcomes.items() if mix}
    names = present(mixes.values())
    if not {*names} - {MISSING, UNVERIFIED}:
        return None
    links = {"strict": lambda name: link(outcome=name), "official": lambda name: link(official=name)}
    bars = [Bar(rule, segments(rule, mix, names, links[rule]), f"{_total(mix):,}") for rule, mix in mixes.items()]
    described = "; ".join(
        f"{rule} {mix.get('passed', 0) / (_total(mix) or 1):.1%} passed" for rule, mix in mixes.items()
    )
    return stacked_rows(Caption("mix", "Outcomes by rule", described), PERCENT, bars), names


def disagreements(evaluated: Evaluated) -> tuple[str, Markup | None] | None:
    """In how many verdicts the two rules differ, in words, and the samples by pair of outcomes."""
    both = {p: count for p, count in evaluated.pairs.items() if p[1] and not {*p} & _NO_VERDICT}
    if not both:
        return None
    differ = {pair: count for pair, count in both.items() if pair[0] != pair[1]}
    total, apart = sum(both.values()), sum(differ.values())
    if not differ:
        return f"Both rules say the same of {counted(total, 'samples')}.", None
    ordered = sorted(differ.items(), key=lambda e: (-e[1], *(ORDER.index(name) for name in e[0])))
    lines = [
        (
            swatched(strict),
            swatched(official),
            element("a", f"{count:,}", href=link(outcome=strict, official=official)),
            f"{count / total:.1%}",
        )
        for (strict, official), count in ordered
    ]
    about = f"The rules differ on {apart:,} of {counted(total, 'samples')} ({apart / total:.1%})."
    return about, table(["strict", "official", "samples", "share"], lines)


def link(**wanted: str) -> str:
    """Return the fragment that filters the samples."""
    return f"#{urlencode(wanted)}"


def swatched(outcome: str) -> Markup:
    """Return an outcome's name behind a patch of its colour."""
    patch = element("span", class_=f"swatch o-{outcome}", aria_hidden="true")
    return element("span", join([patch, outcome_name(outcome)]), class_="named")


def spelled(found: Estimate) -> str:
    """Return an estimate as its tooltip says it."""
    text = f"{found.value:.{PLACES}f}"
    if found.low is not None and found.high is not None:
        text += f"\n95 % over problems {found.low:.{PLACES}f} to {found.high:.{PLACES}f}"
    if found.sampling is not None:
        text += f"\nsamples alone ± {found.sampling:.{PLACES}f}"
    return text


def problems(count: int, kind: str = "") -> str:
    """Return "1 problem" or "7 problems", with a word in between."""
    return counted(count, f"{kind}problems")


def _total(mix: dict[str, float]) -> int:
    return round(sum(mix.values()))
