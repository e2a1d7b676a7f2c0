"""Everything learnt about a deployment as of a day, and the step from one day to the next.

Trainer, worker and backtest take the same step: `evidence` judges what a day's deliveries showed, `learn` folds them
in. What judges a day never saw it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from math import log

import numpy as np

from features.activity.dimensions import find_dimension
from features.activity.hourly import MEASURES
from features.call.fact import split_fact
from models.baseline import ANY, NOBODY, ActiveRows, Baseline, Ints, TokenRows
from models.breadth import Breadth
from models.circles import Circles
from models.combine import NEWCOMER_DAYS, SENSITIVE_READ, Piece
from models.counts import HourlyRows, Side, Volumes, keep_rising
from models.declared import Usual, find_declared
from models.detectors.base import Detector, Past
from models.detectors.hours import Hours
from models.detectors.registry import DETECTORS, make_detector
from models.detectors.sample import Sample
from models.detectors.timetable import Timetable
from models.facts import ACTS
from models.groups import Member, find_stratum, group_peers
from models.history import History
from models.items import Items
from models.kin import NAMED, forgive, mark_kin, mark_named
from models.openers import judge_by_openers
from models.own_accounts import is_inside, list_inside
from models.peers import Peers
from models.priors import AttackPriors
from models.rates import FirstRates
from models.room import Room
from models.standing import Evidence, Standing
from models.surprise import score_tokens
from models.traits import Traits
from models.visits import find_visits
from models.volume import VolumeBaseline
from models.week import Week

KIND_DAYS = 28
"""Days back in which a principal counts towards its kind. Set by hand on the prototype; a prior of the kind is +.03 to
+.09 at a large company and makes no difference at others."""

LATE_DAYS = 35
"""Days after which a delivery is learnt and no longer judged: a month, and some. Set by hand; not measured."""
TRACE_OTHERS = 1
"""Principals that may have been seen in a network before, or with a role or user, for it to tell whose hands are at
work. Set by hand; not measured."""
_CALLS = tuple(MEASURES).index("calls")


@dataclass(slots=True)
class SoFar:
    """How far a day's deliveries have been judged, where they are judged as they come."""

    since: int = -(2**62)
    """Ticks up to this one were judged before, microseconds since 1970."""
    until: int = 2**62
    """The tick it is now: an hour that closes later is not compared with its population yet."""
    largest: dict[Side, float] = field(default_factory=dict)
    """The largest nats of counts so far."""


class Model:
    """Baselines, groups and calibration history of a deployment, as of the start of `day`.

    Parameters
    ----------
    day
        First day it judges, in days since 1970 in the deployment's time zone.
    priors
        The attack side.
    detectors
        Names of detectors that judge vectors beside the sum (`models.detectors.registry`).
    seed
        Of what is random in them.
    room
        Where what grows with every value that a principal touched lies; in memory where none is given. What it knows
        and says is the same.
    """

    def __init__(
        self,
        day: int,
        priors: AttackPriors,
        detectors: Iterable[str] = tuple(DETECTORS),
        seed: int = 0,
        room: Room | None = None,
    ) -> None:
        self.baseline = Baseline(day, room)
        self.volume = VolumeBaseline(day)
        self.breadth = Breadth(day)
        self.sample = Sample()
        self.timetable = Timetable()
        self.history = History()
        self.traits = Traits(priors)
        self.members: dict[str, Member] = {}
        self.learnt_days = 0
        self.yesterday: Evidence | None = None
        """What the day before showed, where it was judged at once: its ledger is open for what comes late."""
        self.week = Week()
        """What of the days before is still untold."""
        self.usual: tuple[Usual, ...] = ()
        """What people declared usual for the day; told, never learnt."""
        self.seed = seed
        self.detectors: dict[str, Detector] = {name: make_detector(name, seed) for name in detectors}
        self._peers: Peers | None = None
        self._circles: Circles | None = None
        self._rates: FirstRates | None = None
        self._priors: dict[int, float] | None = None
        self._newcomers: frozenset[int] | None = None
        self._kin: dict[int, frozenset[int]] | None = None

    @property
    def day(self) -> int:
        """The day it judges."""
        return self.baseline.day

    def enrol(self, newcomers: list[Member]) -> None:
        """Make principals known, in the order given; each joins the group of the members it resembles most.

        A newcomer never moves a principal that was there before: groups are drawn anew in `learn`.
        """
        newcomers = [member for member in newcomers if member.principal not in self.members]
        if not newcomers:
            return
        self._priors = self._newcomers = self._kin = None
        if not self.members:  # nobody to resemble yet: draw the groups at once
            drawn = group_peers(newcomers)
            groups = [drawn[member.principal] for member in newcomers]
        else:
            groups = [self._find_group(member) for member in newcomers]
        self.members |= {member.principal: member for member in newcomers}
        self._put_in_groups(newcomers, groups)

    def _find_group(self, newcomer: Member) -> str:
        """The group of the members it resembles most; it is one of them for whoever comes next."""
        baseline = self.baseline
        if self._peers is None:
            self._peers = Peers(self.members.values(), lambda name: int(baseline.group[baseline.principals.get(name)]))
        name, joined = self._peers.find(newcomer)
        code = int(baseline.groups.codes([name])[0]) if joined is None else joined
        self._peers.join(newcomer, code)
        return baseline.groups.values[code]

    def _put_in_groups(self, members: Sequence[Member], groups: Sequence[str]) -> None:
        self.baseline.enrol_all(
            [member.principal for member in members],
            [find_stratum(member) for member in members],
            groups,
            [member.account for member in members],
        )

    def id(self) -> str:
        """Names what the model knows: equal for equal knowledge."""
        pairs, volume = self.baseline.pairs, self.volume
        digest = blake2b(f"{self.traits.priors.version} {self.day} {self.seed}".encode(), digest_size=8)
        for array in (
            pairs.key,
            pairs.hours,
            self.baseline.hours,
            self.baseline.firsts,
            volume.sums,
            self.breadth.sums,
            self.timetable.sums,
            self.sample.hours.values,
        ):
            digest.update(np.ascontiguousarray(array).reshape(-1).data)
        for record in self.history.days:
            digest.update(record.total.tobytes())
            for name, maxima in record.detectors.items():
                digest.update(name.encode() + maxima.score.tobytes())
        digest.update(self.week.kept.items.nats.tobytes())
        return f"{self.day}-{digest.hexdigest()}"

    def fit_detectors(self) -> None:
        """Fit the detectors to the days learnt so far; they see none that they will judge."""
        for detector in self.detectors.values():
            detector.fit(Past(self.sample.hours, self.timetable))

    def evidence(self, rows: TokenRows, hourly: HourlyRows, so_far: SoFar | None = None) -> Evidence:
        """Judge a day's deliveries; what happened more than `LATE_DAYS` days before is left out (`count_too_late`).

        Judged bit by bit, as they come, or all at once, deliveries give the same evidence.

        Parameters
        ----------
        rows
            One row a (principal, day, token) in order of tick, coded with `baseline`; principals are enrolled.
        hourly
            Increments of counts, sorted by (principal, hour, tick); of each hour all that came so far.
        so_far
            What of the day was judged before, brought up to date; nothing when not given.
        """
        baseline, so_far = self.baseline, so_far or SoFar()
        self.traits.refresh(baseline)
        recent = rows.where(rows.day >= self.day - LATE_DAYS)
        usual = find_declared(baseline, self.usual, recent) if self.usual else None
        items = score_tokens(baseline, self.circles(), self.rates(), self.traits, recent, usual)
        counts = hourly.where(hourly.day >= self.day - LATE_DAYS)
        volumes = Volumes.concatenated([side.score(baseline, counts) for side in (self.volume, self.breadth)])
        acts = self._find_acts(items)
        fresh = (volumes.tick > so_far.since) & (volumes.tick <= so_far.until)
        return Evidence(
            day=self.day,
            items=items,
            pieces=self._pieces(items),
            circle=self._spread(items, acts).tolist(),
            volumes=keep_rising([volumes.where(fresh)], so_far.largest),
            prior=self._kind_priors(),
            traces=self._traces(items),
            acts=frozenset(acts),
            newcomers=self._find_newcomers(),
            kin=self._find_kin(),
            young=frozenset(map(self.baseline.principals.get, self._young())),
        )

    def judge_by_openers(self, standing: Standing, shown: Mapping[str, Collection[tuple[str, str]]]) -> Standing | None:
        """A standing of the day by the habits of the people who opened sessions as well (`models.openers`).

        Parameters
        ----------
        shown
            By key of a principal that is enrolled: (dimension, value) that sessions which it opened showed, and none
            that nobody is known to have opened.
        """
        baseline = self.baseline
        self.traits.refresh(baseline)
        judge = partial(score_tokens, baseline, self.circles(), self.rates(), self.traits)
        held = [(entry.token, baseline.token(entry.token)) for entry, _ in standing.contributions]
        theirs = {
            baseline.principals.get(opener): {token for token, value in held if value in values}
            for opener, values in shown.items()
        }
        return judge_by_openers(standing, theirs, judge)

    def count_too_late(self, hourly: HourlyRows) -> int:
        """Calls of a day's deliveries that came too late to be judged."""
        return self.count_calls(hourly.where(hourly.day < self.day - LATE_DAYS))

    @staticmethod
    def count_calls(hourly: HourlyRows) -> int:
        """Calls of a day's deliveries."""
        return int(hourly.counts[:, _CALLS].sum())

    def learn(self, rows: TokenRows, active: ActiveRows, hourly: HourlyRows, hours: Hours) -> None:
        """Become the model of the next day by folding in what became known on this one."""
        self.timetable.learn(hours)
        self.sample.learn(self.day, hours, self.baseline.principals.values)
        circle = self.circles().of(rows.principal, rows.token)
        self.baseline.learn(self.day + 1, rows, active, circle)
        self.volume.learn(self.day, hourly, len(self.baseline.stratum))
        self.breadth.learn(self.day, hourly, self.baseline.stratum)
        groups = group_peers(self.members.values())
        self._put_in_groups([self.members[principal] for principal in groups], list(groups.values()))
        self._peers = None
        self.learnt_days += 1
        self.yesterday = None
        self._circles = self._rates = self._priors = self._newcomers = self._kin = None

    def circles(self) -> Circles:
        """Who knows what, as of the day."""
        if self._circles is None or self._circles.size != (len(self.baseline.stratum), len(self.baseline.dimensions)):
            self._circles = Circles(self.baseline)
        return self._circles

    def rates(self) -> FirstRates:
        """How often each principal does something for the first time, as of the day."""
        if self._rates is None or self._rates.rate.shape != (len(self.baseline.stratum), len(self.baseline.dimensions)):
            self._rates = FirstRates(self.baseline)
        return self._rates

    def _find_newcomers(self) -> frozenset[int]:
        """Who is in its first days and not a further name of a role that is known."""
        if self._newcomers is None:
            forgiven = forgive(self._young(), self.baseline.principals.values)
            self._newcomers = frozenset(map(self.baseline.principals.get, forgiven))
        return self._newcomers

    def _find_kin(self) -> dict[int, frozenset[int]]:
        if self._kin is None:
            self._kin = mark_kin(self.members, self.baseline.principals.get, self._young())
        return self._kin

    def _young(self) -> set[str]:
        new = np.flatnonzero(self.baseline.first_day > self.day - NEWCOMER_DAYS)
        return {self.baseline.principals.values[code] for code in new.tolist()}

    def list_inside(self, openings: Collection[str]) -> frozenset[str]:
        """Those of some openings that are to an account of the deployment (`models.own_accounts`)."""
        return list_inside(self.baseline, self.circles(), openings)

    def _kind_priors(self) -> dict[int, float]:
        """Nats of each principal's kind: an attacker picks a kind, then a member of it."""
        if self._priors is None:
            baseline = self.baseline
            active = baseline.last_day >= self.day - KIND_DAYS
            members = np.bincount(baseline.stratum[active], minlength=len(baseline.strata))
            self._priors = {code: -log(members[kind] + 1) for code, kind in enumerate(baseline.stratum.tolist())}
        return self._priors

    def _traces(self, items: Items) -> dict[int, int]:
        """What tells whose hands are at work, by row: a network that is new to its principal, by its token, and a role
        or user that is, by its mark; at most `TRACE_OTHERS` others were ever seen there, or with it. An operator is
        large, so it tells nothing unless nobody was ever there."""
        baseline, telling = self.baseline, items.first & (items.others_with <= TRACE_OTHERS)
        dimension = baseline.token_dimension[items.token]
        networks = telling & baseline.which(lambda d: d.name == "prefix")[dimension]
        networks |= items.first & (items.circle == NOBODY) & baseline.which(lambda d: d.name == "asn")[dimension]
        out = {row: int(items.token[row]) for row in np.flatnonzero(networks).tolist()}
        named = telling & baseline.which(lambda d: d.name in NAMED)[dimension]
        for row in np.flatnonzero(named).tolist():
            out[row] = mark_named(*baseline.token(int(items.token[row])))
        return out

    def _find_acts(self, items: Items) -> list[int]:
        """Rows of critical acts: `ACTS`, and what opens something to whom nobody here ever opened anything, outside."""
        baseline, dimension = self.baseline, self.baseline.token_dimension[items.token]
        opens = baseline.which(lambda d: d.attack == "exposure")[dimension] & (items.circle == NOBODY)
        opens &= ~is_inside(baseline, self.circles(), items.token)
        facts = np.flatnonzero(baseline.which(lambda d: d.attack == "fact")[dimension])
        acts = [row for row in facts.tolist() if split_fact(baseline.token(int(items.token[row]))[1])[0] in ACTS]
        return [*np.flatnonzero(opens).tolist(), *acts]

    def _pieces(self, items: Items) -> list[Piece]:
        """What each item brings to its day's sum; a read that is the point of an attack weighs as a change does."""
        baseline, visits = self.baseline, find_visits(self.baseline, self.traits, items)
        families = [find_dimension(name).family if name != ANY else "" for name in baseline.dimensions.values]
        dimension = baseline.token_dimension[items.token]
        hands_out = baseline.which(lambda d: d.family == "read")[dimension]
        hands_out &= self.traits.sensitive[self.traits.row(items.token)]
        weight = np.where(hands_out, SENSITIVE_READ, 1.0)
        columns = (dimension, items.nats, visits.service, visits.lost, weight)
        return [
            Piece(families[code], *piece) for code, *piece in zip(*(column.tolist() for column in columns), strict=True)
        ]

    def _spread(self, items: Items, acts: list[int]) -> Ints:
        """Circle in which a change would spread each item's token; -1 for what is no first, or nobody's change, as a
        critical act is."""
        baseline = self.baseline
        dimension = baseline.token_dimension[items.token]
        account = baseline.which(lambda d: d.spreads == "account")[dimension]
        alone = baseline.which(lambda d: d.spreads == "nobody")[dimension]
        group, home = baseline.group[items.principal], baseline.account[items.principal]
        circle = np.where(account, (home + 1) << 32, group)  # the same tomorrow, when there may be more groups
        spread: Ints = np.where(items.first & ~alone & (items.nats > 0), circle, -1)
        spread[acts] = -1
        return spread
