"""What a backtest found, in a few lines."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from models.detectors.blame import name_model
from pipeline.render.console import whole
from pipeline.render.inert_text import inert_text
from pipeline.reports.training_words import tell_note
from pipeline.words.words import ENGLISH, Words, put, to_say

_STAGES: Final = {
    "ingest": to_say("ingest {seconds} s"),
    "activity": to_say("activity {seconds} s"),
    "train": to_say("train {seconds} s"),
    "score": to_say("score {seconds} s"),
}
"""What a stage of a backtest took, by its name."""


def render_summary(summary: Mapping[str, Any], out: Path, words: Words = ENGLISH) -> RenderableType:
    """What was read, what was raised, how long it took, and where the rest is."""
    return Group(*_render_lines(summary, out, words))


def _render_lines(summary: Mapping[str, Any], out: Path, words: Words) -> Iterator[Text]:
    days = summary["days"]
    read = words.say(
        "{events} of {principals}, {first} to {last}",
        events=words.say_many(summary["events"], "{n} event", "{n} events"),
        principals=words.say_many(summary["principals"], "{n} principal", "{n} principals"),
        first=days["first"],
        last=days["last"],
    )
    yield inert_text(read)
    yield Text(_say_raised(summary, words))
    for note in summary.get("notes", ()):
        yield inert_text(words.say("Note: {note}.", note=tell_note(note, words)), longest=1000)
    if unjudged := summary.get("never_judged", 0):
        yield Text(words.say_many(unjudged, "Never judged: {n} event.", "Never judged: {n} events."))
    for name, one in summary.get("adds", {}).items():
        adds = words.say_many(
            one["reached"],
            "{model} alone would raise {n} day of a principal at that budget, {alone} of them beside those that were "
            "raised",
            "{model} alone would raise {n} days of a principal at that budget, {alone} of them beside those that were "
            "raised",
            model=words.find(name_model(name)),
            alone=f"{one['alone']:,}",
        )
        yield inert_text(adds)
    spent = ", ".join(
        put(words.find(_STAGES[stage]), {"seconds": f"{took:.1f}"}) for stage, took in summary["seconds"].items()
    )
    most = f"{max(summary['peak_bytes'].values()) / 1e9:.1f}"
    yield Text(words.say("{stages}; {size} GB at most", stages=spent, size=most))
    yield whole(words.say("alerts.jsonl, scores.parquet and summary.json are in {folder}", folder=out))


def _say_raised(summary: Mapping[str, Any], words: Words) -> str:
    rate = summary["alerts_a_day"]
    if rate["asked"] is None:
        asked = words.say("without a ceiling")
    else:
        asked = words.say("{number} asked", number=f"{rate['asked']:g}")
    return words.say_many(
        summary["raised"],
        "{n} alert raised from {first} on: {rate} a day ({asked})",
        "{n} alerts raised from {first} on: {rate} a day ({asked})",
        first=summary["days"]["first_alerting"],
        rate=f"{rate['realised']:.1f}",
        asked=asked,
    )
