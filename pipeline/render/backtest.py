"""What a backtest found, in a few lines."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from models.detectors.blame import name_model
from pipeline.render.console import whole
from pipeline.render.inert_text import inert_text
from pipeline.text.plural import plural


def render_summary(summary: Mapping[str, Any], out: Path) -> RenderableType:
    """What was read, what was raised, how long it took, and where the rest is."""
    days, rate = summary["days"], summary["alerts_a_day"]
    asked = "without a ceiling" if rate["asked"] is None else f"{rate['asked']:g} asked"
    unjudged = summary.get("never_judged", 0)
    seconds = ", ".join(f"{stage} {spent:.1f} s" for stage, spent in summary["seconds"].items())
    return Group(
        inert_text(
            f"{plural(summary['events'], 'event')} of {plural(summary['principals'], 'principal')}, {days['first']} to "
            f"{days['last']}"
        ),
        Text(
            f"{plural(summary['raised'], 'alert')} raised from {days['first_alerting']} on: "
            f"{rate['realised']:.1f} a day ({asked})"
        ),
        *(inert_text(f"Note: {note}.") for note in summary.get("notes", ())),
        *([Text(f"Never judged: {plural(unjudged, 'event')}.")] if unjudged else []),
        *(
            inert_text(
                f"{name_model(name)} alone would raise {plural(one['reached'], 'day')} of a principal at that budget, "
                f"{one['alone']:,} of them beside those that were raised"
            )
            for name, one in summary.get("adds", {}).items()
        ),
        Text(f"{seconds}; {max(summary['peak_bytes'].values()) / 1e9:.1f} GB at most"),
        whole(f"alerts.jsonl, scores.parquet and summary.json are in {out}"),
    )
