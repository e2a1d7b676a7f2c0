"""Surprise, the workhorse: how much likelier an attacker than this principal made its day hold each token.

For every token the evidence is ln(q / p): p from the principal's own habit, its rate of firsts and who else knows the
value; q from the attack priors. Formulas, constants and what each was worth: reference pages `evidence.md`, 2 and 3;
the back-off follows Teh, "A hierarchical Bayesian language model based on Pitman-Yor processes", ACL 2006.
"""

import numpy as np
import numpy.typing as npt

from models.baseline import NOBODY, Baseline, Bools, Floats, Ints, TokenRows, find, pair_key
from models.circles import Circles
from models.facts import score_facts
from models.items import MOST_NATS, Items
from models.rates import FirstRates
from models.traits import Traits

DISCOUNT = 0.6
"""Hours taken off each habit: the share kept for what was never seen."""
FADED = 0.15
"""Least part of a habit that counts: what was done once, long ago, is rarer than a habit and no longer a first."""
STRENGTH = 2.0
"""Pseudo-hours of peers in a principal's own rate."""
SPREAD_POWER = 0.5
"""p grows with usual active hours a day to this power: a principal active all day shows any value sooner."""
RECENT_HALF = 0.5
"""Part of the novelty that follows what is new in the kind just now (a release, a new tool)."""
RECENT_PSEUDO_FIRSTS = 10.0
_RECENT_DIMENSIONS = frozenset({"write", "read", "write_by_service", "read_by_service", "agent", "asn"})
_ACTIONS = frozenset({"write", "read", "write_by_service", "read_by_service"})
_UNKNOWN_ACTION_TIMES, _UNKNOWN_ACTION_MOST = 10.0, 0.2
_UNKNOWN_SENSITIVE, _UNKNOWN_OTHER = 0.01, 0.2
_RESOURCE_NEW, _RESOURCE_KNOWN, _RESOURCE_MOST_NATS = 0.3, 0.7, 4.0


def surprise(probability: float, attack: float) -> float:
    """Evidence, in nats, that an attacker rather than the principal made the hour hold a value; higher is stranger.

    Parameters
    ----------
    probability
        That an active hour of the principal holds the value, in (0, 1].
    attack
        That an hour of an attacker does.

    Examples
    --------
    >>> round(surprise(probability=1e-5, attack=2e-3), 1)
    5.3
    """
    return float(np.clip(np.log(attack / probability), 0.0, MOST_NATS))


def score_tokens(baseline: Baseline, circles: Circles, rates: FirstRates, traits: Traits, rows: TokenRows) -> Items:
    """Items with positive evidence among a day's tokens, in the order of the rows.

    Parameters
    ----------
    baseline, circles, rates
        Of the day the rows belong to; all ended before it.
    traits
        Refreshed for the baseline's vocabulary.
    rows
        One row a (principal, token), coded with the baseline's vocabularies.
    """
    dimension = baseline.token_dimension[rows.token]
    names = np.array(baseline.dimensions.values)
    position, mine = find(baseline.pairs.key, pair_key(rows.principal, rows.token))
    habit = np.where(mine, _at(baseline.pairs.hours, position), 0.0)
    among = np.where(baseline.per_active_hour()[dimension], 0, dimension)
    hours = baseline.hours[rows.principal, among]
    circle = circles.of(rows.principal, rows.token)

    own = np.maximum(habit - DISCOUNT, FADED * habit) / (hours + STRENGTH)
    peers = STRENGTH / (hours + STRENGTH) * circles.peer_rate(rows.principal, rows.token, habit, among)
    novelty = _novelty(baseline, circles, rates, rows, dimension, circle, mine, names)
    busy = baseline.hours[rows.principal, 0] / np.maximum(baseline.active_days[rows.principal], 1e-9)
    spread = np.maximum(1.0, np.where(baseline.active_days[rows.principal] > 0, busy, 1.0)) ** SPREAD_POWER

    # what nobody ever did: a sensitive change is rarer still among harmless firsts, and likelier from an attacker
    action = np.isin(names, list(_ACTIONS))[dimension]
    unheard = action & ~mine & (circle == NOBODY)
    novelty[unheard] *= np.where(traits.sensitive[rows.token[unheard]], _UNKNOWN_SENSITIVE, _UNKNOWN_OTHER)
    probability = np.clip((own + novelty + peers) * spread, 1e-12, 1.0)

    attack = _attack(baseline, circles, traits, rows, dimension, circle, names, probability, unheard)
    nats = np.log(np.maximum(attack, 1e-12) / probability)
    resource = np.array([name.startswith("resource:") for name in names])[dimension]
    nats[resource] = np.minimum(nats[resource], _RESOURCE_MOST_NATS)
    denied = np.flatnonzero(names[dimension] == "denied")
    nats[denied] = _denied(baseline, traits, rows, denied, hours[denied], habit[denied])
    facts = np.flatnonzero(names[dimension] == "fact")
    nats[facts] = score_facts(baseline, rows.where(facts))
    return _items(baseline, circles, rows, position, mine, circle, among, np.clip(nats, 0.0, MOST_NATS))


def _novelty(
    baseline: Baseline,
    circles: Circles,
    rates: FirstRates,
    rows: TokenRows,
    dimension: Ints,
    circle: Ints,
    mine: Bools,
    names: npt.NDArray[np.str_],
) -> Floats:
    rate = rates.rate[rows.principal, dimension]
    plain = rate * rates.share(circle, rows.principal, dimension) * circles.share(circle, rows.principal, rows.token)
    position, there = find(baseline.recent_key, pair_key(baseline.stratum[rows.principal], rows.token))
    recent = np.where(there, _at(baseline.recent, position), 0.0)
    cells = (baseline.recent_key >> 32) * len(names) + baseline.token_dimension[baseline.recent_key & 0xFFFFFFFF]
    everything = np.bincount(cells, weights=baseline.recent, minlength=len(baseline.strata) * len(names))
    total = everything.reshape(len(baseline.strata), len(names))[baseline.stratum[rows.principal], dimension]
    follows = np.isin(names, list(_RECENT_DIMENSIONS))[dimension] & (circle != NOBODY)
    mixed = (1 - RECENT_HALF) * plain + RECENT_HALF * rate * recent / (total + RECENT_PSEUDO_FIRSTS)
    return np.where(mine, 0.0, np.where(follows, mixed, plain))


def _attack(
    baseline: Baseline,
    circles: Circles,
    traits: Traits,
    rows: TokenRows,
    dimension: Ints,
    circle: Ints,
    names: npt.NDArray[np.str_],
    probability: Floats,
    unheard: Bools,
) -> Floats:
    attack = traits.attack[rows.token].copy()
    attack[unheard] = np.minimum(_UNKNOWN_ACTION_MOST, _UNKNOWN_ACTION_TIMES * attack[unheard])
    known = np.maximum(circles.known_values(), 1)
    priors = traits.priors
    for code, name in enumerate(names):
        at = dimension == code
        if not at.any():
            continue
        new = circle[at] == NOBODY
        if name in ("account", "region", "country", "asn", "prefix", "agent"):
            place = priors.place(name)
            attack[at] = np.where(new, place.new, place.known / known[code])
        elif name.startswith("resource:"):
            touches = priors.q_resource(name.removeprefix("resource:"))
            chosen = np.where(new, _RESOURCE_NEW, _RESOURCE_KNOWN / known[code])
            attack[at] = touches * chosen + (1 - touches) * probability[at]
        elif name == "exposure":
            attack[at] = priors.exposure
    return attack


def _denied(baseline: Baseline, traits: Traits, rows: TokenRows, at: Ints, hours: Floats, habit: Floats) -> Floats:
    """Evidence of a denied call: against how often the action is denied, and how often this principal's firsts are."""
    if not len(at):
        return np.empty(0)
    by_token = np.bincount(baseline.pairs.token, weights=baseline.pairs.hours, minlength=len(baseline.tokens))
    denied_code = baseline.dimensions.get("denied")
    actions = [baseline.dimensions.get(name) for name in sorted(_ACTIONS)]
    actions = [code for code in actions if code >= 0]
    all_denied = by_token[baseline.token_dimension == denied_code].sum()
    all_calls = by_token[np.isin(baseline.token_dimension, actions)].sum()
    usual = (all_denied + 1) / (all_calls + 200)
    firsts = baseline.firsts.sum(axis=0)
    denied_firsts, all_firsts = firsts[:, denied_code], firsts[:, actions].sum(axis=1)
    usual_first = (denied_firsts.sum() + 1) / (all_firsts.sum() + 50)
    out = np.empty(len(at))
    for place, row in enumerate(at):
        value = baseline.token(int(rows.token[row]))[1]
        codes = [baseline.tokens.get(f"{name}\x1f{value}") for name in _ACTIONS]
        called = sum(by_token[code] for code in codes if code >= 0)
        of_action = (by_token[rows.token[row]] + 2 * usual) / (called + 2)
        principal = rows.principal[row]
        of_firsts = (denied_firsts[principal] + 2 * usual_first) / (all_firsts[principal] + 2)
        own = max(habit[place] - DISCOUNT, FADED * habit[place]) / (hours[place] + STRENGTH)
        out[place] = np.log(traits.priors.denied / max(of_action, of_firsts, own))
    return out


def _items(
    baseline: Baseline,
    circles: Circles,
    rows: TokenRows,
    position: Ints,
    mine: Bools,
    circle: Ints,
    among: Ints,
    nats: Floats,
) -> Items:
    keep = np.flatnonzero(nats > 0)
    rows, position, mine, circle, among = rows.where(keep), position[keep], mine[keep], circle[keep], among[keep]
    return Items(
        principal=rows.principal,
        token=rows.token,
        day=rows.day,
        tick=rows.tick,
        hour=rows.hour,
        account=rows.account,
        nats=nats[keep],
        first=~mine,
        circle=circle,
        hours_with=np.where(mine, _at(baseline.pairs.total, position), 0.0),
        hours=baseline.total[rows.principal, among],
        peers_with=circles.knowing(0, rows.principal, rows.token),
        peers=circles.members[baseline.group[rows.principal]],
        others_with=circles.knowing(2, rows.principal, rows.token),
    )


def _at(values: Floats, position: Ints) -> Floats:
    return values[position] if len(values) else np.zeros(len(position))
