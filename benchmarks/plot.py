"""Recall against the budget as a small SVG, the same bytes for the same figures."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

WIDTH, HEIGHT, LEFT, TOP, LEGEND = 300, 200, 34, 26, 190
COLOURS: Final = ("#b3261e", "#1f4e8c", "#2e7d32", "#8e5ba6", "#c77700", "#5f6b7a", "#00838f", "#8d6e63", "#ad1457")
"""Of detectors in order; the first is ours."""


def draw_recall(companies: Mapping[str, Mapping[str, Mapping[float, float]]]) -> str:
    """Return an SVG with a panel a company: a line a detector, recall over alerts a day, their order of size evenly.

    Parameters
    ----------
    companies
        Company to detector to budget to recall.

    Examples
    --------
    >>> draw_recall({"small": {"ours": {1.0: 0.5, 5.0: 1.0}}}).count("<polyline")
    1
    """
    detectors = list(dict.fromkeys(name for by in companies.values() for name in by))
    colours = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(detectors)}
    wide = len(companies) * WIDTH + LEGEND
    high = max(HEIGHT, TOP + 16 * len(detectors)) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{wide}" height="{high}" fill="white"/>',
    ]
    for place, (company, by) in enumerate(companies.items()):
        parts += _panel(place * WIDTH, company, by, colours)
    for place, name in enumerate(detectors):
        y, x = TOP + 16 * place, len(companies) * WIDTH + 8
        parts.append(f'<line x1="{x}" y1="{y}" x2="{x + 18}" y2="{y}" stroke="{colours[name]}" stroke-width="2"/>')
        parts.append(f'<text x="{x + 24}" y="{y + 4}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(
    left: int, company: str, by: Mapping[str, Mapping[float, float]], colours: Mapping[str, str]
) -> Sequence[str]:
    budgets = sorted({budget for line in by.values() for budget in line})
    inner, tall = WIDTH - LEFT - 20, HEIGHT - TOP - 30

    def at(budget: float, recall: float) -> str:
        x = left + LEFT + inner * budgets.index(budget) / max(len(budgets) - 1, 1)
        return f"{x:.1f},{TOP + tall * (1 - recall):.1f}"

    parts = [f'<text x="{left + LEFT}" y="{TOP - 10}" font-weight="bold">{escape(company)}</text>']
    for recall in (0.0, 0.5, 1.0):
        y = TOP + tall * (1 - recall)
        parts.append(
            f'<line x1="{left + LEFT}" y1="{y:.1f}" x2="{left + LEFT + inner}" y2="{y:.1f}" stroke="#d0d4da"/>'
        )
        parts.append(f'<text x="{left + LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{recall:g}</text>')
    for budget in budgets:
        x = at(budget, 0).partition(",")[0]
        parts.append(f'<text x="{x}" y="{TOP + tall + 16}" text-anchor="middle">{budget:g}</text>')
    for name in reversed(list(by)):  # ours on top
        points = " ".join(at(budget, recall) for budget, recall in sorted(by[name].items()))
        width = 2.5 if name == next(iter(colours)) else 1.2
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colours[name]}" stroke-width="{width}"/>')
    return parts
