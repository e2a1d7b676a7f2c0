"""What models of vectors say of an alert's day, beside the sum of its evidence."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any, TypeAlias

from features.times.instant import HOUR, moment_of
from models.desk import Decision
from models.detectors.blame import name_model, word_blamed
from models.detectors.scored import Strongest as Found
from models.model import Model
from models.standing import Standing
from pipeline.alerts.reason_words import tell_measure
from pipeline.stores.alert import Alert, AlertMeasure, AlertScores
from pipeline.words.dates import write_moment
from pipeline.words.words import ENGLISH, Words

Strongest: TypeAlias = Callable[[str, Standing], Found | None]
"""The largest score of a standing's day by a detector, of hours that were closed by its tick."""


def find_none(name: str, standing: Standing) -> None:
    """What there is where nobody scored hours."""


def field_of(detector: str) -> str:
    """Field of `AlertScores` of a detector.

    >>> field_of("forest"), field_of("pyod:ECOD")
    ('forest', 'pyod')
    """
    return detector.partition(":")[0]


def tell_scores(decision: Decision, model: Model, strongest: Strongest) -> dict[str, Any]:
    """`scores` and `measures` of a decision's alert."""
    scores: dict[str, float] = {"incident": decision.score}
    measures: list[AlertMeasure] = []
    for name in model.detectors:
        found = strongest(name, decision.standing)
        if found is None:
            continue
        scores[field_of(name)] = found.record
        measures += [
            AlertMeasure(
                model=name,
                measure=blamed.measure,
                typical=blamed.typical,
                actual=blamed.actual,
                share=blamed.share,
                text=word_blamed(blamed),
                hour=moment_of(found.hour * HOUR),
            )
            for blamed in found.blamed
        ]
    return {"scores": AlertScores(**scores), "measures": tuple(measures)}


def write_scores(alert: Alert, words: Words = ENGLISH) -> str:
    """The record scores in a line, the strongest first, the sum of evidence last; empty where there are none."""
    if alert.scores is None:
        return ""
    pyod = next((one.model for one in alert.measures if one.model.startswith("pyod:")), "pyod:PyOD")
    beside = {"forest": alert.scores.forest, "population": alert.scores.population, pyod: alert.scores.pyod}
    told = sorted(((score, name) for name, score in beside.items() if score is not None), key=lambda one: -one[0])
    told.append((alert.scores.incident, "incident"))
    return ", ".join(f"{words.find(name_model(name))} {score:.0f}" for score, name in told)


def write_measures(alert: Alert, zone: tzinfo, words: Words = ENGLISH) -> list[str]:
    """What made the day's strangest hour strange to each model; it need not be an hour of the alert."""
    return [
        words.say(
            "{model}, of {time}: {what}",
            model=words.find(name_model(one.model)),
            time=write_moment(one.hour.astimezone(zone), words),
            what=tell_measure(one, words),
        )
        for one in alert.measures
    ]
