"""Pictures of how well the model does, for notebooks; style and colours are those of `pipeline.reports.draw`."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from pipeline.reports.draw import ACCENT, BETWEEN, INK, PALE


def calibration(rows: pd.DataFrame, title: str) -> None:
    """What scores promise beside what came, from `pipeline.reports.model_health.calibration`.

    On the line, what is rare by its score is as rare in fact. Above it, more comes than chance brings: attacks, or a
    deployment that changed. Below it, the score says too little.
    """
    _, ax = plt.subplots(figsize=(7, 4.4))
    score, realised = rows["score"].to_numpy(float), rows["realised"].to_numpy(float)
    least = float(rows["asked"].min()) / 3
    ax.plot(score, rows["asked"], color=INK, linewidth=1.2, label="promised: by chance")
    low, high = np.maximum(rows["low"].to_numpy(float), least), rows["high"].to_numpy(float)
    ax.vlines(score, low, high, color=PALE, linewidth=8, zorder=0, label="what came: 95% interval")
    came = realised > 0
    ax.plot(score[came], realised[came], "o", color=ACCENT, markersize=6, label="what came, a day")
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("record score")
    ax.set_ylabel("principals' days a day that reach it")
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def budget(rows: pd.DataFrame, title: str) -> None:
    """Incidents of each day beside those asked for, from `pipeline.reports.model_health.spend_budget`."""
    _, ax = plt.subplots(figsize=(11, 2.8))
    at = np.arange(len(rows))
    raised, held = rows["incidents"].to_numpy(float), rows["held"].to_numpy(float)
    ax.bar(at, raised, color=INK, width=0.8, label="incidents raised")
    ax.bar(at, held, bottom=raised, color=BETWEEN, width=0.8, label="held: no room")
    if rows["asked"].notna().any():
        ax.axhline(float(rows["asked"].iloc[-1]), color=ACCENT, linewidth=1.5, label="asked for, a day")
    ax.plot(at, rows["mean"], color=ACCENT, linewidth=1, linestyle=":", label="mean of seven days")
    _days_across(ax, rows.index)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    asked = rows["asked"].fillna(0.0).to_numpy(float)
    ax.set_ylim(0, 1.12 * max(1.0, *(raised + held), *asked))
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def nights(rows: pd.DataFrame, title: str) -> None:
    """What was new to the model each night, and how much evidence reaches 75 and 90, from
    `pipeline.reports.model_health.list_nights`."""
    _, axes = plt.subplots(1, 2, figsize=(11, 2.8))
    at = np.arange(len(rows))
    axes[0].bar(at, rows["new_values"].fillna(0), color=INK, width=0.8)
    axes[0].set_title(f"{title}: values it had not seen")
    for name, colour in (("nats_75", INK), ("nats_90", ACCENT)):
        axes[1].plot(at, rows[name], "o-", color=colour, markersize=4, label=f"reaches {name.removeprefix('nats_')}")
    axes[1].set_ylim(bottom=0)
    axes[1].set_title("Evidence that a score takes")
    axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1))
    for ax in axes:
        _days_across(ax, rows["day"])


def _days_across(ax: Axes, days: object) -> None:
    shown = pd.DatetimeIndex(days)  # type: ignore[arg-type]
    every = max(1, len(shown) // 10)
    ax.set_xticks(range(0, len(shown), every), [f"{day:%a %d %b}" for day in shown[::every]], rotation=30)
    ax.set_xlim(-0.6, max(len(shown), 1) - 0.4)
