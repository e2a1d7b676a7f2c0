"""Pictures of one principal and of one alert, for notebooks; style and colours are those of `pipeline.reports.draw`."""

from typing import Final

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import StrMethodFormatter

from pipeline.reports.draw import ACCENT, BETWEEN, INK, PALE, QUIET, SHADES
from pipeline.text.plural import plural

_LABEL: Final = 60
"""Characters of a label at an axis."""
_EACH_NAMED: Final = 10
"""Days at most that are named one by one."""
_HOURS: Final = range(0, 24, 3)


def day_hours(table: pd.DataFrame, title: str, marked: object = None) -> None:
    """Days down, hours of the day across, shaded by calls; of many days Mondays are named, and a day may be marked.

    Parameters
    ----------
    table
        From `pipeline.reports.principal.days`.
    marked
        A day that stands out, as a date.
    """
    _, ax = plt.subplots(figsize=(8, 1.2 + 0.16 * len(table)))
    image = ax.imshow(np.log1p(table.to_numpy()), aspect="auto", cmap=SHADES, vmin=0)
    dates = pd.DatetimeIndex(table.index)
    named = [row for row, day in enumerate(dates) if day.weekday() == 0 or len(dates) <= _EACH_NAMED]
    ax.set_yticks(named, [f"{dates[row]:%a %d %b}" for row in named])
    if marked is not None and pd.Timestamp(str(marked)) in dates:
        at = int(dates.get_indexer(pd.DatetimeIndex([str(marked)]))[0])
        ax.axhspan(at - 0.5, at + 0.5, fill=False, edgecolor=ACCENT, linewidth=1.5)
    ax.set_xticks([hour - 0.5 for hour in _HOURS], [f"{hour:02d}" for hour in _HOURS])
    ax.tick_params(length=0)
    most = float(table.to_numpy().max()) if table.size else 0.0
    steps = [0.0, *(step for step in (1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6) if step <= most)]
    bar = ax.figure.colorbar(image, ax=ax, label="calls an hour", pad=0.01, ticks=[float(np.log1p(s)) for s in steps])
    bar.ax.set_yticklabels([f"{step:,.0f}" for step in steps])
    bar.outline.set_visible(False)
    ax.set_title(title)


def evidence(rows: pd.DataFrame, title: str) -> None:
    """Evidence as a bar that sums: each reason begins where the one before ended, the weightiest on top.

    Parameters
    ----------
    rows
        From `pipeline.reports.alert_case.show_evidence`.
    """
    _, ax = plt.subplots(figsize=(11, 1.2 + 0.28 * (len(rows) + 1)))
    nats = rows["nats"].to_numpy(float)
    starts = np.concatenate([[0.0], np.cumsum(nats)[:-1]]) if len(nats) else nats
    at = np.arange(len(rows))
    ax.barh(at, nats, left=starts, color=ACCENT, height=0.7)
    ax.barh([len(rows)], [float(nats.sum())], color=INK, height=0.7)
    for row, (start, width) in enumerate(zip(starts, nats, strict=True)):
        ax.annotate(f"{width:.1f}", (start + width, row), xytext=(4, 0), textcoords="offset points", va="center")
    ax.annotate(f"{nats.sum():.1f}", (nats.sum(), len(rows)), xytext=(4, 0), textcoords="offset points", va="center")
    ax.set_yticks([*at, len(rows)], [*(_cut(text.partition(": ")[0]) for text in rows["text"]), "all together"])
    ax.set_ylim(len(rows) + 0.5, -0.5)
    ax.set_xlim(0, max(float(nats.sum()), 1.0) * 1.08)
    ax.set_xlabel("evidence: natural logarithm of how many times likelier an attacker is to do it")
    ax.set_title(title)


def beside_days(rows: pd.DataFrame, title: str) -> None:
    """A day's measures beside those of normal days, from `pipeline.reports.normal_days.typical_day`."""
    _, ax = plt.subplots(figsize=(8, 1.2 + 0.28 * len(rows)))
    at = np.arange(len(rows))
    low, high = rows["low"].to_numpy(float), rows["high"].to_numpy(float)
    ax.hlines(at, low, high, color=PALE, linewidth=9, zorder=0, label="normal days: 5th to 95th percentile")
    ax.plot(rows["median"].to_numpy(float), at, "|", color=INK, markersize=9, label="normal days: median")
    ax.plot(rows["actual"].to_numpy(float), at, "o", color=ACCENT, markersize=6, label="this day")
    ax.set_xscale("symlog", linthresh=1)
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_xlim(left=-0.1)
    ax.set_yticks(at, rows["meaning"])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlabel("in a day")
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def standing(rows: pd.DataFrame, title: str) -> None:
    """A principal among its group by calls, from `pipeline.reports.population.list_peers`: its own bar stands out."""
    _, ax = plt.subplots(figsize=(8, 0.9 + 0.26 * max(len(rows), 1)))
    calls = rows["calls"].to_numpy(float)
    ax.barh(range(len(rows)), calls, color=[ACCENT if own else BETWEEN for own in rows["own"]], height=0.7)
    labels = [
        f"{_cut(name)}  {rank} of {of}" for name, rank, of in zip(rows["name"], rows["rank"], rows["of"], strict=True)
    ]
    ax.set_yticks(range(len(rows)), labels)
    ax.invert_yaxis()
    ax.set_xscale("symlog", linthresh=1)
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    for row, value in enumerate(calls):
        ax.annotate(f"{value:,.0f}", (value, row), xytext=(4, 0), textcoords="offset points", va="center")
    ax.set_xlabel("calls")
    ax.set_title(title)


def sessions(rows: pd.DataFrame, title: str) -> None:
    """Sessions as lines in time, the newest on top, from `pipeline.reports.principal.sessions`; red where any of its
    calls was denied."""
    _, ax = plt.subplots(figsize=(11, 1.2 + 0.2 * max(len(rows), 1)))
    at = np.arange(len(rows))
    colours = [ACCENT if denied else INK for denied in rows["denied"]]
    first, last = pd.to_datetime(rows["first"]).to_numpy(), pd.to_datetime(rows["last"]).to_numpy()
    ax.hlines(at, first, last, color=colours, linewidth=3)
    ax.scatter(first, at, color=colours, s=14, zorder=3)
    ax.set_yticks(
        at,
        [
            f"{_cut(key) or 'no key'}  {plural(calls, 'call')}"
            for key, calls in zip(rows["key"], rows["calls"], strict=True)
        ],
    )
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.xaxis.grid(True, color=QUIET, linewidth=0.6)
    ax.set_title(title)


def _cut(text: object) -> str:
    """A label that fits beside a picture.

    >>> _cut("x" * 100) == "x" * 59 + "…"
    True
    """
    shown = str(text)
    return shown if len(shown) <= _LABEL else shown[: _LABEL - 1] + "…"
