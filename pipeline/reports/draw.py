"""Pictures of the reports' tables, for notebooks: what to look at is dark, names are text and never markup."""

from collections.abc import Callable, Sequence
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
BETWEEN = "#b4c3cf"
SHADES = "GnBu"
MARKS = (("D", ACCENT), ("s", "#3f88c5"), ("o", INK), ("^", "#6a994e"), ("v", "#8d6a9f"))
"""A mark a model, in the order of a table's columns."""
DAILY = 75
"""Record score that one principal's day a day reaches by chance."""
MOST_ROWS = 200
"""Rows of a frame that are shown; reports cap their lists below it."""
_HOURS = range(0, 24, 3)


def use_style() -> None:
    """Set matplotlib up: quiet axes, and names with a dollar sign are not mathematics. Frames show texts whole."""
    pd.set_option("display.max_colwidth", None)
    pd.set_option("display.max_rows", MOST_ROWS)
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
    _, ax = plt.subplots(figsize=(2.5 + 0.62 * max(columns, 4), 1.6 + 0.3 * max(rows, 1)))
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


def scores(table: pd.DataFrame, title: str) -> None:
    """Record scores side by side: a row a principal, the first on top, a mark a model.

    Parameters
    ----------
    table
        A column a model, 0 to 100, missing where there is none; its index are the names that are shown.
    """
    _, ax = plt.subplots(figsize=(8, 1.2 + 0.26 * len(table)))
    rows = np.arange(len(table))
    ax.hlines(rows, table.min(axis=1).to_numpy(), table.max(axis=1).to_numpy(), color=PALE, linewidth=3, zorder=0)
    for name, (mark, colour) in zip(table.columns, MARKS, strict=False):
        ax.plot(table[name].to_numpy(), rows, mark, color=colour, markersize=6, alpha=0.85, label=str(name))
    _mark_daily(ax.axvline)
    ax.set_yticks(rows, table.index)
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.set_xlim(20, 101)
    ax.set_xlabel("record score")
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def score_days(table: pd.DataFrame, title: str) -> None:
    """Record scores day by day, a mark a model."""
    _, ax = plt.subplots(figsize=(11, 2.6))
    at = np.arange(len(table))
    for name, (mark, colour) in zip(table.columns, MARKS, strict=False):
        ax.plot(at, table[name].to_numpy(), mark, color=colour, markersize=6, alpha=0.85, label=str(name))
    _mark_daily(ax.axhline)
    every = max(1, len(table) // 14)
    ax.set_xticks(at[::every], [f"{day:%a %d %b}" for day in pd.DatetimeIndex(table.index)[::every]], rotation=30)
    ax.set_xlim(-0.5, len(table) - 0.5)
    ax.set_ylim(20, 103)
    ax.set_ylabel("record score")
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def beside_others(rows: pd.DataFrame, title: str) -> None:
    """Measures of a principal's hours beside its group's, from `population.compare`: the first on top."""
    _, ax = plt.subplots(figsize=(8, 1.2 + 0.28 * len(rows)))
    at = np.arange(len(rows))
    low, high = rows["median"].to_numpy(float), rows["high"].to_numpy(float)
    ax.hlines(at, low, high, color=PALE, linewidth=9, zorder=0, label="others: median to 95th percentile")
    ax.plot(low, at, "|", color=INK, markersize=9, label="others: median")
    ax.plot(rows["own"].to_numpy(float), at, "o", color=INK, markerfacecolor="white", markersize=6, label="own: median")
    ax.plot(rows["actual"].to_numpy(float), at, "o", color=ACCENT, markersize=6, label="own: largest")
    ax.set_xscale("symlog", linthresh=1)
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_xlim(left=-0.1)
    ax.set_yticks(at, rows["meaning"])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlabel("in an hour")
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def spreads(tables: dict[str, pd.DataFrame], title: str) -> None:
    """How measures are spread through the day or the week, below each other, with a principal in it.

    Parameters
    ----------
    tables
        By what they count, from `population.spread`.
    """
    _, axes = plt.subplots(len(tables), 1, figsize=(11, 2.5 * len(tables)), squeeze=False)
    for ax, (unit, rows) in zip(axes[:, 0], tables.items(), strict=True):
        at = rows["hour"].to_numpy() + 0.5
        p5, p25, p75, p95 = (rows[name].to_numpy() for name in ("p5", "p25", "p75", "p95"))
        ax.bar(at, p95 - p5, 1, bottom=p5, color=PALE, linewidth=0, label="others: 5th to 95th percentile")
        ax.bar(at, p75 - p25, 1, bottom=p25, color=BETWEEN, linewidth=0, label="others: 25th to 75th percentile")
        ax.hlines(rows["median"], at - 0.5, at + 0.5, color=INK, linewidth=1, label="others: median")
        ax.plot(at, rows["own"], "o", color=INK, markerfacecolor="white", markersize=4, label="own: median")
        ax.plot(at, rows["actual"], "o", color=ACCENT, markersize=4, label="own: largest")
        ax.set_yscale("symlog", linthresh=1)
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        ax.set_ylim(bottom=-0.15)
        ax.set_ylabel(f"{unit}\nin an hour")
        if len(rows) > 24:
            _days_across(ax)
        else:
            ax.set_xticks(_HOURS, [f"{hour:02d}:00" for hour in _HOURS])
            ax.set_xlim(0, 24)
    axes[0, 0].set_title(title)
    axes[0, 0].legend(loc="upper left", bbox_to_anchor=(1, 1))


def _mark_daily(line: Callable[..., Any]) -> None:
    """A line at `DAILY`, up or across."""
    line(DAILY, color=QUIET, linewidth=1.5, zorder=0, label="by chance once a day")


def _hours_across(ax: Axes) -> None:
    ax.set_xticks([hour - 0.5 for hour in _HOURS], [f"{hour:02d}" for hour in _HOURS])
    ax.tick_params(length=0)


def _days_across(ax: Axes) -> None:
    ax.set_xticks(range(0, 168, 24), WEEKDAYS, ha="left")
    ax.set_xlim(0, 168)
