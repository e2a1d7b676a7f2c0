"""A strict reader of Prometheus's text format 0.0.4: what it does not take, a scraper might not."""

import re
from typing import NamedTuple

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = rf'{_NAME}="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{((?:{_LABEL})(?:,{_LABEL})*)\}})? (-?[0-9.e+-]+|NaN|[+-]Inf)")
_PAIR = re.compile(rf'({_NAME})="((?:[^"\\\n]|\\\\|\\"|\\n)*)"')
_ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


class Metric(NamedTuple):
    """A metric of a page."""

    kind: str
    meaning: str
    samples: dict[tuple[tuple[str, str], ...], float]


def parse(text: str) -> dict[str, Metric]:
    """Metrics by name; anything that is not as the format says fails."""
    assert text.endswith("\n")
    assert "\r" not in text
    found: dict[str, Metric] = {}
    meaning: tuple[str, str] | None = None
    current = ""
    for line in text.split("\n")[:-1]:
        if line.startswith("# HELP "):
            _, _, name, said = line.split(" ", 3)
            assert re.fullmatch(_NAME, name)
            assert name not in found
            meaning = (name, said)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert meaning is not None
            assert meaning[0] == name
            assert kind in ("counter", "gauge")
            assert kind != "counter" or name.endswith("_total")
            found[name], current = Metric(kind, meaning[1], {}), name
        else:
            sample = _SAMPLE.fullmatch(line)
            assert sample, line
            assert sample[1] == current, "samples of a metric stand together below its type"
            labels = tuple(
                (name, re.sub(r"\\[\\\"n]", lambda escape: _ESCAPES[escape[0]], value))
                for name, value in _PAIR.findall(sample[2] or "")
            )
            assert labels not in found[current].samples
            found[current].samples[labels] = float(sample[3])
    return found
