"""The table of what switches a safeguard off holds all that its sources name, or the reason why not."""

from features.call.silencing import SWITCHES
from scripts.check_silencing import find_unknown, find_unreviewed, list_candidates, read_sources
from scripts.silencing_reviewed import NAMED_OTHERWISE, REVIEWED

IAM, LISTED = read_sources()


def test_every_call_of_the_table_is_an_action_of_the_iam_definition() -> None:
    assert find_unknown(IAM) == []


def test_every_action_that_sounds_like_it_is_in_the_table_or_reviewed() -> None:
    assert find_unreviewed(list_candidates(IAM, LISTED)) == []


def test_what_was_reviewed_is_still_a_candidate_and_not_in_the_table() -> None:
    candidates = set(list_candidates(IAM, LISTED))
    assert set(REVIEWED) <= candidates
    assert not {call.lower() for call in REVIEWED} & SWITCHES.keys()
    assert {call.lower() for call in NAMED_OTHERWISE} <= SWITCHES.keys()


def test_a_new_action_is_found() -> None:
    iam = {"guardduty": {"write": "DeleteEverything StartEverything"}, "novel": {"write": "DisableAuditLogs Put"}}
    assert find_unreviewed(list_candidates(iam, [])) == ["guardduty:DeleteEverything", "novel:DisableAuditLogs"]
    assert "cloudtrail:stoplogging" in find_unknown(iam)
    listed = [
        {"eventSource": "new.amazonaws.com", "eventName": "Blind", "mitreAttackTechniques": "T1562 - Impair Defenses"}
    ]
    assert find_unreviewed(list_candidates({}, listed)) == ["new:Blind"]
