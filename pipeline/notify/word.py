"""What people said of an alert, as far as messages go: the last word that stands.

*Unsure* is a note and changes no message. A mark that is taken back gives way to the one before it, if there is any.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from pipeline.stores.jsonl.marks import Mark
from pipeline.words.words import ENGLISH, Words


class Word(NamedTuple):
    """What stands of what was said of an alert."""

    id: str
    """Of the last mark of the alert that changed it: another one is something new to tell."""
    verdict: Literal["expected", "malicious", ""]
    """Empty where all of it was taken back."""
    by: str
    note: str
    at: datetime
    """When it was said; who said it knew of nothing later."""
    indexed: bool = False
    """It was read in an index, where names are whatever somebody wrote."""

    def as_sentence(self, words: Words = ENGLISH) -> str:
        """As a person is told it.

        >>> at = datetime.fromisoformat("2026-03-09T10:00:00Z")
        >>> Word("0123456789ab", "malicious", "ana", "INC-118", at).as_sentence()
        'ana marked it as malicious: INC-118'
        >>> Word("0123456789ab", "", "bob", "", at).as_sentence()
        'bob took back that it was marked'
        """
        who = words.say("{who} (as the index of alerts says)", who=self.by) if self.indexed else self.by
        if self.verdict:
            said = words.say("{who} marked it as {verdict}", who=who, verdict=words.find(self.verdict))
        else:
            said = words.say("{who} took back that it was marked", who=who)
        return f"{said}: {self.note}" if self.note else said


def find_words(marks: Iterable[Mark]) -> dict[str, Word]:
    """What stands of each alert that something was said of, by the alerts' ids.

    Parameters
    ----------
    marks
        In the order in which they were made.
    """
    standing: dict[str, list[Mark]] = {}
    last: dict[str, Mark] = {}
    for mark in marks:
        of_alert = standing.setdefault(mark.alert_id, [])
        if mark.verdict in ("expected", "malicious"):
            of_alert.append(mark)
        elif mark.verdict == "undone" and any(one.id == mark.undoes for one in of_alert):
            of_alert[:] = [one for one in of_alert if one.id != mark.undoes]
        else:
            continue
        last[mark.alert_id] = mark
    return {alert: _read(mark, standing[alert]) for alert, mark in last.items()}


def _read(last: Mark, standing: list[Mark]) -> Word:
    stands = standing[-1] if standing else last
    verdict = stands.verdict if stands.verdict in ("expected", "malicious") else ""
    return Word(last.id, verdict, stands.by, stands.note, last.at, stands.source == "index")
