"""A picture of a result: bars that lie, one per measured thing, drawn as SVG."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from tests.benchmarks.frame import Bar, Result
from tests.benchmarks.page import shown

WIDTH, LEFT, RIGHT = 760, 230, 90
ROW, GAP, TOP = 26, 22, 58
FILLS = ("#1f5f8b", "#b8860b", "#5b7f5b", "#8c5a7a")
"""By label, in the order of appearance; each dark enough on white."""

STYLE = (
    "text{font:14px system-ui,'Noto Sans',sans-serif;fill:#222}"
    ".title{font-weight:600;font-size:16px}.group{font-weight:600}.unit{fill:#555}"
)


def picture(result: Result) -> str:
    labels = list(dict.fromkeys(bar.label for bar in result.bars))
    fills = {label: FILLS[number % len(FILLS)] for number, label in enumerate(labels)}
    better = "less" if result.lower_is_better else "more"
    drawn = [
        f'<text class="title" x="16" y="26">{escape(result.title)}</text>',
        f'<text class="unit" x="16" y="46">{escape(result.unit)}; {better} is better</text>',
    ]
    y = TOP
    for group, found in groupby(result.bars, key=lambda bar: bar.group):
        bars = list(found)
        scale = (WIDTH - LEFT - RIGHT) / _most(bars if result.own_scales else result.bars)
        drawn.append(f'<text class="group" x="16" y="{y + 17}">{escape(group)}</text>')
        y += GAP
        for bar in bars:
            drawn.append(_row(bar, y, fills[bar.label], scale))
            y += ROW
        y += 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 8}" role="img" '
        f'aria-label="{escape(result.title)}"><style>{STYLE}</style>'
        f'<rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def _most(bars: Sequence[Bar]) -> float:
    return max(max(bar.values) for bar in bars) or 1


def _row(bar: Bar, y: float, fill: str, scale: float) -> str:
    """The median as a bar, the spread of the rounds as a line on it."""
    low, high = LEFT + min(bar.values) * scale, LEFT + max(bar.values) * scale
    middle = y + ROW / 2 - 2
    return (
        f'<text x="28" y="{y + 16}">{escape(bar.label)}</text>'
        f'<rect x="{LEFT}" y="{y + 2}" width="{bar.median * scale:.1f}" height="{ROW - 8}" '
        f'fill="{fill}"/><path d="M{low:.1f} {middle}H{high:.1f}" stroke="#222"/>'
        f'<text x="{high + 8:.1f}" y="{y + 16}">{shown(bar.median)}</text>'
    )
