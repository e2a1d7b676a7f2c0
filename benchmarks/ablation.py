"""What each part of the detection is worth: `python -m benchmarks.ablation --seeds 4 5`, one part off at a time.

A company is simulated, ingested and counted once; then its days are walked again for each part, with that part off, and
the alerts of attacked principals are judged at every budget. Nothing is tuned by it: parts are off or on.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest.mock import patch
from zoneinfo import ZoneInfo

if __package__ in (None, ""):  # run as a file
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.campaigns import Campaign
from benchmarks.company import Company, plant
from benchmarks.judge import Judged, judge_alerts
from benchmarks.kept import keep, read_kept
from benchmarks.metrics import recall
from benchmarks.panel import BUDGETS, Panel, PanelDesk, by_budget
from benchmarks.report import heading, publish
from benchmarks.results_page import tell_ablation, write_page
from benchmarks.run import COMPANIES, GEO, START
from features.times.day import day_number
from features.times.instant import micros
from models.combine import FAMILIES, WEIGHT
from models.model import Model
from models.priors import AttackPriors
from models.standing import Count
from models.visits import find_visits
from pipeline.alerts.document import Judge
from pipeline.connection import connect
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.hands import HandsOfDay
from pipeline.detect.walk import DayOutcome, Walk
from pipeline.enrich.geo import Geo
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.stores.home import open_store

NAME: Final = "ablation"
SHAPES: Final = ("middle", "data-platform")
WHOLE: Final = "everything"
DONE: Final = "ablation.json"
"""In a company's folder: what each variant found."""
Off = Callable[[], AbstractContextManager[Any]]


def _family(name: str) -> Off:
    if name == "count":
        return lambda: patch.object(Count, "nats", property(lambda _: 0.0))
    return lambda: patch.dict(WEIGHT, {name: 0.0})


def _no_visits(*given: Any) -> Any:
    visits = find_visits(*given)
    return visits._replace(lost=np.zeros_like(visits.lost))


VARIANTS: Final[Mapping[str, Off]] = {
    WHOLE: nullcontext,
    **{f"without {name}": _family(name) for name in FAMILIES},
    "writes weigh no more": lambda: patch.dict(WEIGHT, {"write": 1.0}),
    "without the kind's prior": lambda: patch.object(Model, "_kind_priors", lambda _: {}),
    "without waves": lambda: patch("models.changes.WAVE", 1 << 30),
    "without visits": lambda: patch("models.model.find_visits", _no_visits),
    "without bunching": lambda: patch("models.combine.CONTAGION", 1e12),
    "everybody one group": lambda: patch(
        "models.model.group_peers", lambda members: {member.principal: "all" for member in members}
    ),
}
"""What is switched off, by what it is called."""


@contextmanager
def opened(trail: Path, folder: Path, settings: Settings) -> Iterator[Activity]:
    """Ingest a trail into a folder, and count its activity; each day's is made once."""
    with open_store(folder) as store:
        ingest([trail / "AWSLogs"], store.events, geo=Geo.open(GEO), threads=settings.threads)
        with connect(settings.threads, settings.memory, spill=str(folder / "spill")) as connection:
            store.events.view(connection, corrected=False)
            activity = Activity.of_events(connection, by_tick=True)
            with patch.object(activity, "delivered", lru_cache(None)(activity.delivered)):
                yield activity


def walk(activity: Activity, settings: Settings, train_until: datetime, panel: Panel) -> None:
    """Walk through all days as a backtest does, with the panel at the desk; nothing is written.

    Parameters
    ----------
    settings
        Their budget is the deciding desk's.
    panel
        Sees what the desk sees, and makes the alerts of attacked principals.
    """
    days, members = activity.days(), activity.members()
    model = Model(day_number(days[0]), AttackPriors.from_dict(read_attack_priors()), detectors=(), seed=settings.seed)
    walked = Walk(model, timezone=activity.timezone, lateness_minutes=activity.lateness_minutes)
    walked.find_hands = HandsOfDay(activity, model).find
    first = activity.day_of(train_until)

    def keep(outcome: DayOutcome) -> None:
        if walked.desk is not None and outcome.judged:
            judge = Judge(model, "", members, settings.deployment, ZoneInfo(activity.timezone))
            panel.follow(outcome.today(), judge, activity)

    for day in (days[0] + timedelta(days=offset) for offset in range((days[-1] - days[0]).days + 1)):
        if day == first:
            walked.desk, walked.alerts_from = PanelDesk(panel, settings.budget), micros(train_until)
        walked.step(activity.delivered(day), members, keep)


def run_variants(
    activity: Activity, campaigns: Sequence[Campaign], budget: float, settings: Settings, train_until: datetime
) -> dict[str, dict[float, Judged]]:
    """Return what each variant found at each budget."""
    event_ids = [event_id for campaign in campaigns for event_id in campaign.event_ids]
    found: dict[str, dict[float, Judged]] = {}
    for name, off in VARIANTS.items():
        panel = Panel(BUDGETS, event_ids)
        with ExitStack() as stack:
            stack.enter_context(off())
            walk(activity, replace_budget(settings, budget), train_until, panel)
        found[name] = {
            at: replace(judge_alerts(alerts, campaigns), alerts=raised)
            for at, (alerts, raised) in by_budget(panel).items()
        }
        print(f"{name}: {[len(one.found) for one in found[name].values()]}", file=sys.stderr, flush=True)
    return found


def replace_budget(settings: Settings, budget: float) -> Settings:
    """Return the settings with another budget."""
    return settings.model_copy(update={"budget": budget})


def run(
    companies: Sequence[tuple[int, Company, int]], work: Path, settings: Settings, name: str, start: date = START
) -> dict[str, Any]:
    """Run every variant on companies, each with its number and seed; return the whole result."""
    began = heading(name, [seed for _, _, seed in companies])
    campaigns: list[Campaign] = []
    found: dict[str, dict[float, set[str]]] = {name: {at: set() for at in BUDGETS} for name in VARIANTS}
    for number, company, seed in companies:
        trail = work / f"{company.name}-{seed}" / "trail"
        mine = plant(trail, company, number=number, seed=seed, start=start)
        test_from = datetime.combine(start, datetime.min.time(), UTC) + timedelta(days=company.history)
        campaigns += [replace(campaign, id=f"{company.name}/{campaign.id}") for campaign in mine]
        kept = trail.with_name(DONE)
        ran = read_kept(kept, began["commit"], dict[str, dict[float, Judged]])
        if ran is None:
            with TemporaryDirectory(prefix="ablation-") as folder, opened(trail, Path(folder), settings) as activity:
                ran = run_variants(activity, mine, company.budget, settings, test_from)
            keep(kept, began["commit"], ran)
        for variant, by in ran.items():
            for at, judged in by.items():
                found[variant][at] |= {f"{company.name}/{one}" for one in judged.found}
    return {
        **began,
        "companies": [company.name for _, company, _ in companies],
        "campaigns": len(campaigns),
        "variants": {
            variant: {"recall": {f"{at:g}": recall(campaigns, one).to_dict() for at, one in by.items()}}
            for variant, by in found.items()
        },
    }


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--name", default=NAME, help="name of the result")
    parser.add_argument("--companies", nargs="+", choices=[c.name for c in COMPANIES], default=list(SHAPES))
    parser.add_argument("--seeds", type=int, nargs="+", required=True, help="a seed for each company")
    parser.add_argument("--work", type=Path, help="folder for the companies' files, kept; temporary when not given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", type=float, default=4.0, help="GB")
    given = parser.parse_args(arguments)
    wanted = [(number, company) for number, company in enumerate(COMPANIES) if company.name in given.companies]
    if len(given.seeds) != len(wanted):
        parser.error(f"give {len(wanted)} seeds, one a company")
    companies = [(number, company, seed) for (number, company), seed in zip(wanted, given.seeds, strict=True)]
    settings = Settings(geoip=GEO, threads=given.threads, memory=int(given.memory * 1e9))
    with TemporaryDirectory(prefix="ablation-") as temporary:
        result = run(companies, given.work or Path(temporary), settings, given.name)
    print(tell_ablation(result))
    publish(result, tell_ablation(result))
    write_page()
    print(json.dumps(result["variants"][WHOLE]), file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
