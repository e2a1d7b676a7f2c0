"""The watch: take in what is new, judge it, tell of it; once a night, learn. Again and again.

Order of a tick: events, alerts, how far that has come; then people and the search engines, who are told what is in the
home's file. Killed anywhere, the next tick does what is left, and nothing is there twice.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from features.times.day import day_bounds, day_number, service_start
from features.times.instant import moment_of
from pipeline.detect.promotion import find_decided
from pipeline.errors import OddtrailError
from pipeline.feedback.take_over import TakenOver, TakingOver
from pipeline.notify.outbox import Outbox
from pipeline.publish.outbox import Published, publish
from pipeline.publish.receipts import publish_receipts
from pipeline.settings import Settings
from pipeline.shared.rounds import prepare, train_apart
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import Store
from pipeline.stores.unjudged import count_unjudged
from pipeline.stores.waits import Waits
from pipeline.watch.cover import KEPT, cover
from pipeline.watch.finding import Finding
from pipeline.watch.health import WELL, Health, TickReport
from pipeline.watch.intake import Intake, TakenIn
from pipeline.watch.integrity import hold_to_digests
from pipeline.watch.judge import Judging
from pipeline.watch.lease import Lease, TakenError
from pipeline.watch.memory import give_back
from pipeline.watch.note import Notes
from pipeline.watch.plan import Plan
from pipeline.watch.receipt import write_due
from pipeline.watch.silence import Silence, Silences

TRAIN_AFTER: Final = timedelta(minutes=5)
"""After a day's model goes into service, how long training waits for what is on its way."""
PREPARE_EVERY: Final = timedelta(minutes=5)
"""Time between two looks for models that were trained elsewhere; where there is none that is new, one small request."""
READ_BACK_EVERY: Final = timedelta(minutes=5)
"""Time between two looks for what other tools marked in the indices of alerts."""
MOST_FAILING: Final = 1_000
"""Ticks in a row in which a source failed, as far as they are counted over restarts."""
_FAILING: Final = "watch/failing"
"""Setting of a home's state: how many there are."""
RECEIPT_AFTER: Final = timedelta(hours=3)
"""After midnight, how long it is looked whether a day's receipt is due; late files may still count."""


class StoppedError(Exception):
    """The watch was asked to stop; no error of a source, which the next tick would try again."""


@dataclass(slots=True)
class Ticked:
    """What a tick did."""

    at: str
    events: int = 0
    """New in the store."""
    duplicates: int = 0
    set_aside: int = 0
    revisions: int = 0
    """Of alerts, new in the home."""
    raised: int = 0
    """Alerts among them that are raised."""
    published: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By search engine, what it was told and what is left."""
    marked: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By search engine, what other tools marked there: how much was taken over, and how much waits for somebody."""
    notified: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By notifier, how many messages were sent and how many wait."""
    trained: str = ""
    """Id of the model that was trained."""
    refused: str = ""
    """Why it is not in service; empty where it is. The model in service goes on, and the operations events tell it."""
    model_id: str = ""
    pruned: int = 0
    silences: list[Silence] = field(default_factory=list)
    """Accounts and regions of which nothing comes any more."""
    integrity: list[Finding] = field(default_factory=list)
    """What is not as CloudTrail says that it delivered it, told for the first time."""
    integrity_waits: str = ""
    """Why it is not told what is missing: it may lie where nothing could be read."""
    receipts: list[str] = field(default_factory=list)
    """Days whose receipt was written."""
    principals: int = 0
    """That the model knows."""
    newest: datetime | None = None
    """When the newest event that was judged was delivered."""
    learnt_until: datetime | None = None
    """Until when the model in service has learnt."""
    never_judged: int = 0
    """Events that came too late to be judged, as far as it is remembered."""
    recounted: str = ""
    """Why the day was counted again, where a shard was lost; nothing else was."""
    problems: list[str] = field(default_factory=list)
    """What could not be done, and why; all else was."""
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        times = {name: None if time is None else time.isoformat() for name, time in self._times()}
        silences = [silence.as_dict() for silence in self.silences]
        integrity = [finding.as_dict() for finding in self.integrity]
        return asdict(self) | times | {"silences": silences, "integrity": integrity}

    def report(self, now: datetime) -> TickReport:
        """The same for who watches the watch."""
        return TickReport(
            seconds=self.seconds, now=now, events=self.events, set_aside=self.set_aside, raised=self.raised,
            revisions=self.revisions, principals=self.principals, never_judged=self.never_judged, newest=self.newest,
            trained=self.learnt_until, outbox=self._list_left(),
            silences=self.silences, integrity=len(self.integrity), integrity_waits=self.integrity_waits,
            problem="; ".join(self.problems),
        )  # fmt: skip

    def _list_left(self) -> dict[str, int]:
        """By target, what it was not told though it should have been; what waits for an hour of the day is not late."""
        late = {f"notify {name}": told["left"] * bool(told["problem"]) for name, told in self.notified.items()}
        return {target: told["left"] for target, told in self.published.items()} | late

    def _times(self) -> tuple[tuple[str, datetime | None], ...]:
        return ("newest", self.newest), ("learnt_until", self.learnt_until)


class Watch:
    """Watches a home's sources.

    Parameters
    ----------
    plan
        What to do.
    asked_to_stop
        Whether somebody wants it to end; asked between the steps of a tick, and while much is taken in.
    health
        Takes how it fares, where somebody else asks as well.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        plan: Plan,
        asked_to_stop: Callable[[], bool] = lambda: False,
        health: Health | None = None,
    ) -> None:
        self._store, self._settings, self._plan, self._asked_to_stop = store, settings, plan, asked_to_stop
        self._lease = Lease(store.state, plan.every)
        self._intake = Intake(store, settings, plan, self._check)
        self._judging = Judging(store, settings)
        self._outbox = Outbox(store, settings, plan.notifiers, plan.printed)
        self._taking_over = TakingOver(store, settings)
        self._silences = Silences(store.coverage, settings.lateness)
        self._notes = Notes(store, settings, self._outbox.matters)
        self._health = health or Health(plan.every, clock=lambda: self._now)
        self._failing = int(store.state.setting(_FAILING, 0))
        self._health.resume(self._failing)
        self._began, self._now = 0.0, datetime.min
        self._trained_on: date | None = None
        self._pruned_on: date | None = None
        self._receipts_of: date | None = None
        self._prepared_at: datetime | None = None
        self._read_back_at: datetime | None = None
        self._told_matters: list[tuple[str, int]] = []
        self._unready: set[str] = set()
        """Problems of the tick that are only that there is no model yet."""

    def tick(self, now: datetime) -> Ticked:
        """Do once all that is due at a time.

        Raises
        ------
        TakenError
            Another one watches the home.
        StoppedError
            It was asked to stop; the rest is done by whoever watches next.
        """
        self._began, self._now = time.monotonic(), now
        self._unready = set()
        ticked = Ticked(now.isoformat(timespec="seconds"))
        token = self._lease.take(now)
        taken = self._intake.run(now)
        self._note(ticked, taken)
        self._check()
        self._prepare(now, ticked)
        due = self._is_training_due(now)
        if due and not self._has_model():
            self._train(now, ticked)
        self._judge(now, token, ticked)
        self._check()
        self._notify(now, ticked)
        self._check()
        self._cover(now, ticked, knows_all=not taken.problems)
        self._publish(now, ticked)
        self._check()
        self._read_back(now, ticked)
        self._hold_to_digests(now, ticked, taken.waits)
        if due and not ticked.trained:  # after all that somebody waits for
            self._check()
            self._judging.drop()  # the next tick begins with the model that serves then; two of them would not fit
            self._train(now, ticked)
            give_back()
        self._prune(now, ticked)
        self._tell_operations(now, ticked)
        ticked.seconds = round(time.monotonic() - self._began, 3)
        return ticked

    def close(self) -> None:
        """Let go of the home."""
        self._judging.drop()
        self._lease.give_back()

    def _check(self) -> None:
        """Between two steps, and while one takes long: keep the home, and end where somebody asks for it."""
        self._keep_lease()
        if self._asked_to_stop():
            raise StoppedError("asked to stop")

    def _keep_lease(self) -> None:
        self._lease.take(self._now + timedelta(seconds=time.monotonic() - self._began))

    @staticmethod
    def _note(ticked: Ticked, taken: TakenIn) -> None:
        ticked.events, ticked.duplicates, ticked.set_aside = taken.events, taken.duplicates, taken.set_aside
        ticked.problems += [f"{source}: {problem}" for source, problem in taken.problems.items()]

    def _prepare(self, now: datetime, ticked: Ticked) -> None:
        """Share activity once a day and fetch models every few minutes, where they are trained elsewhere."""
        if self._prepared_at is not None and now - self._prepared_at < PREPARE_EVERY and self._has_model():
            return
        try:
            problems = prepare(self._store, self._settings, now)
        except OddtrailError as error:
            problems = [str(error)]
        ticked.problems += problems
        self._prepared_at = None if problems else now  # what went wrong is tried again at the next tick

    def _judge(self, now: datetime, token: int, ticked: Ticked) -> None:
        try:
            judged = self._judging.go_on(now, token, self._keep_lease)
        except TakenError:
            raise
        except OddtrailError as error:  # tried again at the next tick, from a replay
            self._note_unready(str(error), ticked)
            return
        ticked.revisions, ticked.recounted = judged.revisions, self._judging.lost
        ticked.raised = sum(alert.raised for alert in judged.alerts)
        ticked.model_id, ticked.principals = self._judging.model_id, self._judging.principals
        ticked.newest, ticked.learnt_until = self._judging.newest, self._judging.learnt_until
        ticked.never_judged = count_unjudged(self._store.state)

    def _hold_to_digests(self, now: datetime, ticked: Ticked, waits: Waits | None) -> None:
        try:
            held = hold_to_digests(self._store, now, self._plan.keys, self._check, goes_on=True, waits=waits)
            ticked.integrity, ticked.integrity_waits = held.found, held.waits
        except TakenError:
            raise
        except OddtrailError as error:
            ticked.problems.append(str(error))

    def _cover(self, now: datetime, ticked: Ticked, *, knows_all: bool) -> None:
        """Note what was seen of each hour and account, who is silent, and what a day came to."""
        try:
            cover(self._store, self._settings.lateness, now)
            if knows_all:  # who could not read all sources knows of no silence
                ticked.silences = self._silences.find(now)
                self._notes.note_silences(ticked.silences, now)
            if self._receipts_of != self._today(now):
                written = write_due(self._store, self._settings, now, ticked.model_id)
                ticked.receipts = [str(receipt.day) for receipt in written]
                self._receipts_of = self._today(now) if now - self._midnight(now) > RECEIPT_AFTER else None
        except OddtrailError as error:
            ticked.problems.append(str(error))

    def _publish(self, now: datetime, ticked: Ticked) -> None:
        for target in self._plan.targets:
            told: Published = publish(self._store, target, now)
            ticked.published[target.name] = asdict(told)
            problems = {told.problem, publish_receipts(self._store, target, now).problem} - {""}
            ticked.problems += [f"{target.name}: {problem}" for problem in sorted(problems)]

    def _read_back(self, now: datetime, ticked: Ticked) -> None:
        """Take over what other tools marked in the indices of alerts; an index that does not tell is asked again."""
        if self._read_back_at is not None and timedelta() <= now - self._read_back_at < READ_BACK_EVERY:
            return
        self._read_back_at = now
        for target in self._plan.targets:
            self._check()
            try:
                told = self._taking_over.run(target, now)
            except OddtrailError as error:
                told = TakenOver(problem=str(error))
            ticked.marked[target.name] = told._asdict()
            problem = f"{target.name}: {told.problem}"
            ticked.problems += [problem] if told.problem and problem not in ticked.problems else []

    def _notify(self, now: datetime, ticked: Ticked) -> None:
        """Tell people; it takes no longer than `pipeline.notify.outbox.SECONDS`, whoever does not answer."""
        if not self._plan.notifiers:
            return
        try:
            self._told_matters = self._list_matters()
            for name, told in self._outbox.notify(now).items():
                before = ticked.notified.get(name, {}).get("sent", 0)
                ticked.notified[name] = asdict(told) | {"sent": before + told.sent}
                problem = f"notify {name}: {told.problem}"
                ticked.problems += [problem] if told.problem and problem not in ticked.problems else []
        except OddtrailError as error:  # tried again at the next tick
            ticked.problems.append(f"notify: {error}")

    def _tell_operations(self, now: datetime, ticked: Ticked) -> None:
        """Note how the watch fares, and tell people what was noted since they were told of alerts."""
        ticked.seconds = round(time.monotonic() - self._began, 3)
        report = ticked.report(now)
        self._health.ticked(report)
        try:
            failing = min(self._health.failing, MOST_FAILING)
            if failing != self._failing:
                self._store.state.put_setting(_FAILING, failing)
                self._failing = failing
            trouble = self._health.find()
            if trouble.what == "failing" and self._unready.issuperset(ticked.problems):
                trouble, report = WELL, replace(report, problem="")  # nothing failed but that there is no model yet
            self._notes.note_health(trouble, report, now)
            if self._plan.notifiers and self._list_matters() != self._told_matters:
                self._check()
                self._notify(now, ticked)
        except OddtrailError as error:
            ticked.problems.append(str(error))

    def _note_unready(self, problem: str, ticked: Ticked) -> None:
        """Note what could not be done; where there is no model yet a home begins so, and nobody is woken by it."""
        ticked.problems.append(problem)
        if not self._has_model():
            self._unready.add(problem)

    def _list_matters(self) -> list[tuple[str, int]]:
        return [(matter.id, matter.revision) for matter in self._outbox.matters.read()]

    def _midnight(self, now: datetime) -> datetime:
        return day_bounds(day_number(self._today(now)), ZoneInfo(self._settings.timezone))[0]

    def _today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self._settings.timezone)).date()

    def _has_model(self) -> bool:
        return bool(Bundles(self._store.home).every())

    def _is_training_due(self, now: datetime) -> bool:
        today = self._today(now)
        can_sign = bool(self._settings.signing_key or not self._settings.trusted_keys)
        if not self._plan.trains or not can_sign or self._trained_on == today:
            return False
        begins = moment_of(
            service_start(day_number(today), ZoneInfo(self._settings.timezone), self._settings.lateness_minutes)
        )
        if not self._has_model():
            return True
        decided = find_decided(Bundles.of(self._settings))
        return now >= begins + TRAIN_AFTER and (not decided or decided[-1].day < today)

    def _train(self, now: datetime, ticked: Ticked) -> None:
        """Train; what is too short a history today is asked again tomorrow, or after as much again was taken in."""
        self._trained_on = self._today(now)
        try:
            report = train_apart(self._store, self._settings, now)
        except OddtrailError as error:
            self._note_unready(f"no training: {error}", ticked)
            return
        ticked.trained = report.model_id
        if report.gate is not None and not report.served:
            ticked.refused = f"model {report.model_id} was not put in service: {report.gate['why']}"

    def _prune(self, now: datetime, ticked: Ticked) -> None:
        today = self._today(now)
        if self._pruned_on == today:
            return
        try:
            self._store.coverage.prune(now - KEPT)
            self._store.digest_files.prune(now)
            if self._plan.keep is not None:
                ticked.pruned = self._store.events.prune(today - self._plan.keep, now)
                self._store.hour_scores.prune(today - self._plan.keep)
        except OddtrailError as error:
            ticked.problems.append(str(error))
        else:
            self._pruned_on = today
