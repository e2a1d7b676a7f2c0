"""Pictures of the reports' tables, for notebooks: what to look at is dark, names are text and never markup."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, NullLocator, StrMethodFormatter

from pipeline.reports.busiest import WEEKDAYS

INK, PALE, ACCENT, QUIET = "#22313f", "#dfe6ec", "#d1495b", "#f3d9a4"
SHADES = "GnBu"
_HOURS = range(0, 24, 3)


def use_style() -> None:
    """Set matplotlib up: quiet axes, and names with a dollar sign are not mathematics."""
    mpl.rcParams.update(
        {
            "axes.edgecolor": PALE,
            "axes.grid": False,
            "axes.labelcolor": INK,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlepad": 10,
            "axes.titleweight": "bold",
            "figure.constrained_layout.use": True,
            "figure.dpi": 110,
            "font.size": 9,
            "legend.frameon": False,
            "text.color": INK,
            "text.parse_math": False,
            "xtick.color": INK,
            "ytick.color": INK,
        }
    )


def weeks(tables: dict[str, pd.DataFrame], unit: str) -> None:
    """Weeks beside each other on one scale: weekdays down, hours of the day across.

    Parameters
    ----------
    tables
        By title, such as the name of a time zone; from `busiest.hours_of_week` or `busiest.week_of`.
    unit
        What the colour counts.
    """
    most = max((float(table.to_numpy().max()) for table in tables.values()), default=0.0)
    figure, axes = plt.subplots(1, len(tables), figsize=(5.6 * len(tables), 2.6), squeeze=False)
    image = None
    for ax, (title, table) in zip(axes[0], tables.items(), strict=True):
        image = ax.imshow(table.to_numpy(), aspect="auto", cmap=SHADES, vmin=0, vmax=most or 1)
        _hours_across(ax)
        ax.set_yticks(range(7), WEEKDAYS)
        ax.set_title(title)
    if image is not None:
        bar = figure.colorbar(image, ax=axes[0].tolist(), label=unit, pad=0.01)
        bar.outline.set_visible(False)


def profiles(tables: dict[str, pd.DataFrame]) -> None:
    """Rows by hour of the day, each shaded up to its own busiest hour."""
    rows = max((len(table) for table in tables.values()), default=0)
    _, axes = plt.subplots(1, len(tables), figsize=(5.6 * len(tables), 0.8 + 0.24 * rows), squeeze=False)
    for ax, (title, table) in zip(axes[0], tables.items(), strict=True):
        if len(table):
            ax.imshow(table.to_numpy(), aspect="auto", cmap=SHADES, vmin=0, vmax=1)
        _hours_across(ax)
        ax.set_yticks(range(len(table)), table.index)
        ax.set_title(title)


def quiet(hours: pd.DataFrame, title: str) -> None:
    """People at work through the week, quiet hours shaded."""
    _, ax = plt.subplots(figsize=(11, 2.6))
    people, at = hours["people"].to_numpy(), np.arange(len(hours))
    ax.fill_between(at, people, step="post", color=INK, alpha=0.85, linewidth=0)
    for hour in at[hours["quiet"].to_numpy()]:
        ax.axvspan(hour, hour + 1, color=QUIET, linewidth=0, zorder=0)
    _days_across(ax)
    ax.set_ylabel("people at work")
    ax.set_title(title)


def capacity(rows: pd.DataFrame, title: str) -> None:
    """Events a second through the week: the mean, the 95th percentile and what to provide."""
    _, ax = plt.subplots(figsize=(11, 3))
    at = np.arange(len(rows))
    ax.fill_between(at, rows["p95"].to_numpy(), step="post", color=PALE, linewidth=0, label="95th percentile")
    ax.step(at, rows["mean"].to_numpy(), where="post", color=INK, linewidth=1, label="mean")
    ax.step(at, rows["provide"].to_numpy(), where="post", color=ACCENT, linewidth=1.2, label="to provide")
    ax.plot(at + 0.5, rows["peak"].to_numpy(), ".", color=INK, markersize=2.5, alpha=0.6, label="busiest minute")
    _days_across(ax)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("events a second")
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def bars(
    labels: Sequence[Any],
    values: Sequence[float],
    unit: str,
    title: str,
    marked: Sequence[bool] | None = None,
    mark: str = "",
) -> None:
    """Horizontal bars, the first on top, each with its value; a logarithmic scale, since tails are long.

    Parameters
    ----------
    labels, values
        A bar each.
    unit
        What the values count.
    marked
        Which bars stand out, in a colour that the legend calls `mark`.
    """
    _, ax = plt.subplots(figsize=(8, 0.9 + 0.26 * len(labels)))
    out = list(marked) if marked is not None else [False] * len(labels)
    ax.barh(range(len(labels)), values, color=[ACCENT if each else INK for each in out], height=0.7)
    if any(out):
        ax.legend(handles=[Patch(color=ACCENT, label=mark)], loc="lower right")
    ax.set_yticks(range(len(labels)), labels)
    ax.invert_yaxis()
    if len(values):
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_xlim(min(1.0, min(values)) * 0.8, max(values) * 3)
    for row, value in enumerate(values):
        ax.annotate(f"{value:,.0f}", (value, row), xytext=(4, 0), textcoords="offset points", va="center")
    ax.set_xlabel(unit)
    ax.set_title(title)


def days(table: pd.DataFrame, title: str) -> None:
    """Stacked bars, one a day."""
    _, ax = plt.subplots(figsize=(11, 2.6))
    below = np.zeros(len(table))
    for name, colour in zip(table.columns, (ACCENT, INK), strict=False):
        ax.bar(table.index, table[name].to_numpy(), bottom=below, color=colour, width=0.8, label=str(name))
        below += table[name].to_numpy()
    weekly = pd.DatetimeIndex(table.index)[::7]
    ax.set_xticks(weekly.to_numpy(), [f"{day:%a %d %b}" for day in weekly])
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def shares(table: pd.DataFrame, title: str) -> None:
    """A table of shares, each cell with its percentage."""
    cells = table.to_numpy()
    rows, columns = cells.shape
    _, ax = plt.subplots(figsize=(2.5 + 0.62 * max(columns, 1), 1.6 + 0.3 * max(rows, 1)))
    ax.imshow(cells**0.5, aspect="auto", cmap=SHADES, vmin=0, vmax=1)
    for row in range(rows):
        for column in range(columns):
            share = float(cells[row, column])
            if share > 0:
                text = f"{share:.0%}" if share >= 0.01 else "<1%"
                ax.text(column, row, text, ha="center", va="center", color="white" if share > 0.35 else INK, fontsize=8)
    ax.set_xticks(range(columns), table.columns, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(rows), table.index)
    ax.set_title(title)


def _hours_across(ax: Axes) -> None:
    ax.set_xticks([hour - 0.5 for hour in _HOURS], [f"{hour:02d}" for hour in _HOURS])
    ax.tick_params(length=0)


def _days_across(ax: Axes) -> None:
    ax.set_xticks(range(0, 168, 24), WEEKDAYS, ha="left")
    ax.set_xlim(0, 168)
