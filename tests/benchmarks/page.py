"""The page of figures, in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.frame import Bar, Check, Result

INTRODUCTION = """\
# Performance

Written by `make bench`; do not edit. Each benchmark compares what took turns in one run on one
machine: ratios can be compared with other machines, figures cannot. The targets are those that
were set before the first line was written. `make bench ARGS="NAME"` measures one anew.
"""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One benchmark's latest run. ``speed`` is how fast the machine was just then."""

    number: int
    name: str
    machine: Mapping[str, str]
    speed: str
    command: str
    day: str
    result: Result


def page(sections: Sequence[Section]) -> str:
    parts = [INTRODUCTION, _overview(sections), *(_section(one) for one in sections)]
    return "\n".join([*parts, _machines(sections)])


def shown(value: float) -> str:
    """A figure with as many digits as mean something."""
    if value and abs(value) < 10:
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:,.0f}"


def _overview(sections: Sequence[Section]) -> str:
    lines = ["| | Measured | Target | |", "| --- | --- | --- | --- |"]
    for section in sections:
        lines += [
            f"| [{section.number}](#{_anchor(section)}) {check.says} | **{_with_unit(check)}** "
            f"| {_target(check)} | {_verdict(check)} |"
            for check in section.result.checks
        ]
    return "\n".join(lines) + "\n"


def _section(section: Section) -> str:
    result = section.result
    lines = [
        f"## {_title(section)}",
        "",
        result.how,
        "",
        f"![{result.title}](pictures/bench-{section.name}.svg)",
        "",
        *_table(result),
        "",
        f"**What bounds it.** {result.bound}",
        "",
        f"Measured on {section.day} by `{section.command}`; {section.speed}.",
    ]
    return "\n".join(lines) + "\n"


def _table(result: Result) -> Iterator[str]:
    more = list(dict.fromkeys(title for bar in result.bars for title in bar.more))
    titles = ["", "", f"{result.unit} (median)", "lowest–highest", *more]
    yield f"| {' | '.join(titles)} |"
    yield f"| --- | --- |{' ---: |' * (len(titles) - 2)}"
    for bar in result.bars:
        cells = [bar.group, bar.label, f"**{shown(bar.median)}**", _spread(bar)]
        cells += [bar.more.get(title, "") for title in more]
        yield f"| {' | '.join(cells)} |"


def _spread(bar: Bar) -> str:
    if len(bar.values) == 1:
        return ""
    return f"{shown(min(bar.values))}–{shown(max(bar.values))}"


def _with_unit(check: Check) -> str:
    return f"{shown(check.value)} {check.unit}".strip()


def _target(check: Check) -> str:
    if check.at_least is not None:
        return f"≥ {shown(check.at_least)} {check.unit}".strip()
    if check.at_most is not None:
        return f"≤ {shown(check.at_most)} {check.unit}".strip()
    return ""


def _verdict(check: Check) -> str:
    return {True: "met", False: "**missed**", None: ""}[check.met]


def _machines(sections: Sequence[Section]) -> str:
    """Each machine once, with the benchmarks that ran on it."""
    lines = ["## Machine", ""]
    told: list[Mapping[str, str]] = []
    for section in sections:
        if section.machine not in told:
            told.append(section.machine)
    for machine in told:
        numbers = [str(one.number) for one in sections if one.machine == machine]
        lines += [f"| Benchmark {', '.join(numbers)} | |", "| --- | --- |"]
        lines += [f"| {name} | {text} |" for name, text in machine.items()]
        lines.append("")
    return "\n".join(lines)


def _title(section: Section) -> str:
    return f"{section.number}. {section.result.title}"


def _anchor(section: Section) -> str:
    kept = [letter for letter in _title(section).lower() if letter.isalnum() or letter in " -_"]
    return "".join(kept).replace(" ", "-")
