"""Pictures of the estate, for notebooks; style and colours are those of `pipeline.reports.draw`."""

from collections.abc import Sequence
from typing import Final

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from pipeline.reports.draw import ACCENT, BETWEEN, INK

_MOST: Final = 24
"""Nodes of a side; the others are left out, those with fewest hours first."""
_LABEL: Final = 44
_KINDS: Final = {"human": ACCENT, "workload": INK, "ci": "#3f88c5", "external": "#8d6a9f", "root": "#e09f3e"}


def graph(edges: pd.DataFrame, title: str) -> None:
    """Who calls which service in which account: three columns of nodes, a line as wide as its hours are many.

    Parameters
    ----------
    edges
        From `pipeline.reports.estate.edges`.
    """
    hours = edges.assign(hours=edges["hours"].astype(float))
    columns = [_order(hours, name) for name in ("who", "service", "account")]
    tall = max((len(column) for column in columns), default=1)
    _, ax = plt.subplots(figsize=(11, 1.4 + 0.3 * tall))
    places = [_spread(column) for column in columns]
    kinds = dict(zip(hours["who"], hours["kind"], strict=True))
    for left, (start, end) in enumerate((("who", "service"), ("service", "account"))):
        lines = hours.groupby([start, end], sort=False)["hours"].sum().reset_index()
        most = float(lines["hours"].max()) if len(lines) else 1.0
        for one, other, weight in zip(lines[start], lines[end], lines["hours"], strict=True):
            if one in places[left] and other in places[left + 1]:
                width = 0.4 + 5.6 * float(np.log1p(weight) / np.log1p(most))
                colour = _KINDS.get(kinds[one], BETWEEN) if left == 0 else BETWEEN
                ys = [places[left][one], places[left + 1][other]]
                ax.plot([left, left + 1], ys, color=colour, linewidth=width, alpha=0.35, solid_capstyle="round")
    for left, (placed, align) in enumerate(zip(places, ("right", "center", "left"), strict=True)):
        for name, height in placed.items():
            _name(ax, left, height, name, align)
    for kind, colour in _KINDS.items():
        if kind in set(hours["kind"]):
            ax.plot([], [], color=colour, linewidth=4, label=kind)
    ax.set_xlim(-0.75, 2.5)
    ax.set_ylim(-0.05, 1.05)
    ax.axis("off")
    ax.set_title(title)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, -0.08), ncols=len(_KINDS))


def complexity(rows: pd.DataFrame, numbers: dict[str, str], title: str) -> None:
    """Numbers of `pipeline.reports.estate.complexity` over months, one below the other.

    Parameters
    ----------
    numbers
        Columns, with what stands above each.
    """
    _, axes = plt.subplots(1, len(numbers), figsize=(3 * len(numbers), 2.6), squeeze=False)
    at = np.arange(len(rows))
    for ax, (name, words) in zip(axes[0], numbers.items(), strict=True):
        values = rows[name].to_numpy(float)
        ax.plot(at, values, "o-", color=INK, markersize=5)
        for x, value in zip(at, values, strict=True):
            if np.isfinite(value):
                ax.annotate(f"{value:,.3g}", (x, value), xytext=(0, 6), textcoords="offset points", ha="center")
        finite = values[np.isfinite(values)]
        ax.set_ylim(0, float(finite.max()) * 1.25 if len(finite) and finite.max() > 0 else 1)
        ax.set_xticks(at, [f"to {last:%d %b}" for last in pd.to_datetime(rows["last"])], rotation=30)
        ax.set_xlim(-0.5, len(rows) - 0.5)
        ax.set_title(words, fontsize=9)
    axes[0, 0].figure.suptitle(title, x=0.01, ha="left", fontweight="bold")


def _order(edges: pd.DataFrame, column: str) -> list[str]:
    total = edges.groupby(column)["hours"].sum().sort_values(ascending=False, kind="stable")
    return [str(name) for name in total.index[:_MOST]]


def _spread(names: Sequence[str]) -> dict[str, float]:
    """Heights of nodes, the first on top.

    >>> _spread(["a", "b", "c"])
    {'a': 1.0, 'b': 0.5, 'c': 0.0}
    """
    steps = max(len(names) - 1, 1)
    return {name: 1 - number / steps if len(names) > 1 else 0.5 for number, name in enumerate(names)}


def _name(ax: Axes, left: int, height: float, name: str, align: str) -> None:
    shown = name if len(name) <= _LABEL else name[: _LABEL - 1] + "…"
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0}
    shift = {"right": -0.02, "left": 0.02}.get(align, 0.0)
    ax.text(left + shift, height, shown, ha=align, va="center", fontsize=8, bbox=box)
