"""What a poisoned history costs: `python -m benchmarks.poison --seeds 4`.

The same company and the same attacks, after three histories: a clean one; one in which each attacker spent sixty days
before the act making himself at home, a read of the attack from the place of the attack on every other day, until the
victim's baseline knows both; and one of which one principal-day in a hundred holds another attack that nobody noticed.
What is planted in history is no campaign: it is not asked for, and who finds it gains nothing.
"""

import argparse
import gzip
import json
import random
import sys
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

if __package__ in (None, ""):  # run as a file
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec

from benchmarks.budget import within
from benchmarks.campaigns import Campaign
from benchmarks.company import PLANTED, Company, attacker, plant
from benchmarks.judge import Judged, judge_alerts, judge_days
from benchmarks.kept import keep, read_kept
from benchmarks.metrics import recall
from benchmarks.recordings import EVENT_IDS, ORDER, Victim, deliver, recordings, rekey
from benchmarks.report import OURS, heading, publish
from benchmarks.results_page import tell_poisoning, write_page
from benchmarks.run import DONE, GEO, START, Means, run_rivals
from benchmarks.victims import draw, scan
from pipeline.detect.backtest import Backtest, run_backtest
from pipeline.settings import Settings
from pipeline.stores.home import ALERTS_FILE
from pipeline.stores.jsonl.alerts import AlertsJsonl

NAME: Final = "poison"
DRIFT_DAYS: Final = 60
EVERY: Final = 2
"""Days from one touch of the drift to the next."""
CONTAMINATED: Final = 0.01
"""Share of history's principal-days that hold an attack."""
COMPANY: Final = Company("poisoned", principals=40, budget=3, planned=0, recorded=19, history=68, test=21)
PEERS: Final = ("first-seen", "GuardDuty-like")


def drift(trail: Path, campaigns: Sequence[Campaign]) -> int:
    """Let each campaign's attacker make himself at home before it; return how many calls that took.

    A touch is one of the campaign's reads, or who-am-I where it has none, by the same session, from the same address,
    with the same tool, at about the same hour of an earlier day.
    """
    wanted = {event_id: campaign for campaign in campaigns for event_id in campaign.event_ids}
    played: dict[str, list[dict[str, Any]]] = {}
    for record in _records(trail):
        if record["eventID"] in wanted:
            played.setdefault(wanted[record["eventID"]].id, []).append(record)
    planted = 0
    for campaign in campaigns:
        records = sorted(played[campaign.id], key=lambda record: str(record["eventTime"]))
        reads = [record for record in records if record.get("readOnly")] or [_who_am_i(records[0])]
        choice = random.Random(f"drift {campaign.id}")
        touches = []
        for number, before in enumerate(range(DRIFT_DAYS, 0, -EVERY)):
            at = campaign.start - timedelta(days=before, minutes=choice.randrange(-40, 40))
            key = f"drift/{campaign.id}/{number}"
            touches.append(_moved(reads[number % len(reads)], at, key))
        deliver(touches, trail)
        planted += len(touches)
    return planted


def contaminate(trail: Path, campaigns: Sequence[Campaign], company: Company, seed: int) -> int:
    """Plant attacks in one of a hundred principal-days of history; return how many.

    Victims are drawn as those of the test are, from the days that are left before it; they may be attacked again.
    """
    instant = datetime.combine(START, datetime.min.time(), UTC) + timedelta(days=company.history)
    early = instant - timedelta(days=company.history - 10)
    attacks = {event_id for campaign in campaigns for event_id in campaign.event_ids}
    candidates = scan(trail.rglob("*.json.gz"), early, set())
    for candidate in candidates.values():
        candidate.lines = {
            day: line for day, line in candidate.lines.items() if day < instant.date() and line.event_id not in attacks
        }
    candidates = {key: candidate for key, candidate in candidates.items() if candidate.lines}
    days = sum(len(candidate.history) + len(candidate.lines) for candidate in candidates.values())
    everything = list(recordings().items())
    victims: list[tuple[Victim, datetime]] = draw(candidates, max(1, round(CONTAMINATED * days)), seed + 1)
    for number, (victim, start) in enumerate(victims):
        technique, records = everything[number % len(everything)]
        name = f"{company.name}-{seed}-unnoticed-{number}"
        degree = ORDER[number % len(ORDER)]
        who = attacker(victim, name)
        _, played = rekey(technique, records, victim, start=start, degree=degree, attacker=who, name=name)
        deliver(played, trail)
    return len(victims)


def _records(trail: Path) -> Sequence[dict[str, Any]]:
    files = (json.loads(gzip.decompress(path.read_bytes())) for path in sorted(trail.rglob("*.json.gz")))
    return [record for file in files for record in file["Records"]]


def _who_am_i(record: dict[str, Any]) -> dict[str, Any]:
    asked = {"eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity", "readOnly": True}
    kept = {name: value for name, value in record.items() if name not in ("resources", "errorCode", "errorMessage")}
    return {**kept, **asked, "requestParameters": None, "responseElements": None}


def _moved(record: dict[str, Any], at: datetime, key: str) -> dict[str, Any]:
    ids = {"eventID": str(uuid.uuid5(EVENT_IDS, key)), "requestID": str(uuid.uuid5(EVENT_IDS, f"{key}/request"))}
    return {**record, **ids, "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"}


def judge_history(work: Path, campaigns: Sequence[Campaign], company: Company, means: Means) -> dict[str, Judged]:
    """Backtest a company and its peers, and return what each found of the campaigns."""
    test_from = datetime.combine(START, datetime.min.time(), UTC) + timedelta(days=company.history)
    plan = Backtest([work / "trail" / "AWSLogs"], test_from, work / "backtest")
    run_backtest(plan, Settings(budget=company.budget, geoip=GEO, threads=means.threads, memory=means.memory))
    judged = {OURS: judge_alerts(AlertsJsonl(plan.out / ALERTS_FILE).revisions(), campaigns)}
    event_ids = [event_id for campaign in campaigns for event_id in campaign.event_ids]
    rivals = run_rivals(work / "trail" / "AWSLogs", event_ids, test_from, company.test, means)
    for name in PEERS:
        raised = within(rivals.scores[name], rivals.days, company.budget)
        judged[name] = judge_days(raised, campaigns, rivals.principal_days)
    return judged


def run(seed: int, work: Path, means: Means, name: str = NAME, company: Company = COMPANY) -> dict[str, Any]:
    """Run the three histories; return the whole result."""
    began = heading(name, [seed])
    histories: dict[str, Any] = {}
    campaigns: list[Campaign] = []
    for history in ("clean", f"{DRIFT_DAYS} days of slow drift", f"{CONTAMINATED:.0%} contaminated"):
        folder = work / f"{history.replace(' ', '-').replace('%', '')}-{seed}"
        fresh = not (folder / PLANTED).exists()
        campaigns = plant(folder / "trail", company, number=0, seed=seed, start=START)
        counted = folder / "planted.json"
        if fresh:
            planted = 0
            if "drift" in history:
                planted = drift(folder / "trail", campaigns)
            elif "contaminated" in history:
                planted = contaminate(folder / "trail", campaigns, company, seed)
            counted.write_bytes(msgspec.json.encode(planted))
        judged = read_kept(folder / DONE, began["commit"], dict[str, Judged])
        if judged is None:
            judged = judge_history(folder, campaigns, company, means)
            keep(folder / DONE, began["commit"], judged)
        histories[history] = {
            "planted": msgspec.json.decode(counted.read_bytes(), type=int),
            "detectors": {
                detector: {
                    **recall(campaigns, one.found).to_dict(),
                    "alerts_per_day": round(one.alerts / company.test, 3),
                }
                for detector, one in judged.items()
            },
        }
        print(json.dumps({history: histories[history]}), file=sys.stderr, flush=True)
    return {
        **began,
        "principals": company.principals,
        "budget": company.budget,
        "history_days": company.history,
        "campaigns": len(campaigns),
        "histories": histories,
    }


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--name", default=NAME, help="name of the result")
    parser.add_argument("--seeds", type=int, nargs=1, required=True, help="the company's seed")
    parser.add_argument("--work", type=Path, help="folder for the companies' files, kept; temporary when not given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", type=float, default=4.0, help="GB")
    given = parser.parse_args(arguments)
    means = Means(given.threads, int(given.memory * 1e9), quick=True)
    with TemporaryDirectory(prefix="poison-") as temporary:
        result = run(given.seeds[0], given.work or Path(temporary), means, given.name)
    print(tell_poisoning(result))
    publish(result, tell_poisoning(result))
    write_page()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
