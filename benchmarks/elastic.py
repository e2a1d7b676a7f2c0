"""Elastic's five CloudTrail jobs, from how they behave: no code of theirs, none of their results.

| job | detector | bucket |
|---|---|---|
| rare_method_for_a_username | rare by action, partition user | 60 min |
| rare_method_for_a_country | rare by action, partition country | 60 min |
| rare_method_for_a_city | rare by action, partition city | 60 min |
| rare_error_code | rare by error code | 60 min |
| high_distinct_count_error_message | high_distinct_count of error messages | 15 min |

`rare` counts, in each partition, the buckets in which a value occurred, the one at hand included; a value's probability
is the share of all such counts that belongs to values no commoner than it, and what is above 3.5 % is no anomaly. A
partition that is new has nothing to compare with. `high_distinct_count` compares a bucket with the same hours of
earlier days. Whom a bucket is blamed on is its influencer: who made the rare call, who had most of the messages.
A principal-day scores the least probability of any job. Sources: the module `security_cloudtrail` of elastic/kibana;
elastic/ml-cpp (`CMultinomialConjugate`, `CAnomalyDetectorModelConfig`); Elastic's page on rare functions.
"""

from collections.abc import Iterator
from math import log
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import nbinom, poisson

MOST_PROBABILITY: Final = 0.035
"""Above it nothing is an anomaly; ml-cpp's `DEFAULT_MAXIMUM_ANOMALOUS_PROBABILITY`."""
TOLERANCE: Final = 1.05
"""By which a value may be commoner and still count as no commoner; ml-cpp."""
LEAST_BUCKETS: Final = 20
"""Buckets a partition has to learn from; Elastic's page on rare functions."""
QUARTERS: Final = 4
"""Buckets of 15 minutes in an hour."""


def elastic_jobs(hourly: pd.DataFrame, errors: pd.DataFrame) -> pd.DataFrame:
    """Return a score for each principal-day that any job would show: −ln of its least probability.

    Parameters
    ----------
    hourly
        principal, hour (since 1970), action, country, city: one row for each that occurred.
    errors
        principal, quarter (of an hour, since 1970), code, message: one row for each that occurred.

    Examples
    --------
    >>> usual = [("ann", hour, action, "", "") for hour in range(400) for action in ("s3:GetObject", "sts:Get")]
    >>> calls = [*usual, ("ann", 400, "iam:CreateUser", "", "")]
    >>> hourly = pd.DataFrame(calls, columns=["principal", "hour", "action", "country", "city"])
    >>> elastic_jobs(hourly, pd.DataFrame([], columns=["principal", "quarter", "code", "message"])).round(1)
      principal  day  score
    0       ann   16    6.7
    """
    found = [
        rare(hourly.assign(partition=hourly["principal"]), "action"),
        rare(hourly[hourly["country"] != ""].rename(columns={"country": "partition"}), "action"),
        rare(hourly[hourly["city"] != ""].rename(columns={"city": "partition"}), "action"),
        rare(errors[errors["code"] != ""].assign(partition="", hour=errors["quarter"] // QUARTERS), "code"),
        many_messages(errors[errors["message"] != ""]),
    ]
    every = pd.concat(found, ignore_index=True)
    return every.groupby(["principal", "day"], observed=True)["score"].max().reset_index()


def rare(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return principal, day and score of the anomalies of a `rare` detector.

    Parameters
    ----------
    rows
        principal, hour, partition and the value that `by` names.
    """
    rows = rows[["partition", "hour", by, "principal"]].drop_duplicates()
    if not len(rows):
        return _empty()
    values = rows[["partition", "hour", by]].drop_duplicates()
    partitions = pd.factorize(values["partition"], sort=True)[0]
    codes = pd.factorize(values[by], sort=True)[0]
    order = np.lexsort((codes, values["hour"], partitions))
    hours = values["hour"].to_numpy(dtype=np.int64)
    shown = np.full(len(values), np.nan)
    for place, probability in _probabilities(partitions[order], hours[order], codes[order]):
        shown[order[place]] = probability
    values = values.assign(score=-np.log(shown)).dropna(subset=["score"])
    blamed = rows.merge(values, on=["partition", "hour", by])
    blamed["day"] = blamed["hour"] // 24
    return blamed[["principal", "day", "score"]]


def _probabilities(partitions: np.ndarray, hours: np.ndarray, codes: np.ndarray) -> Iterator[tuple[int, float]]:
    """Places of rows, in order of partition and hour, that are anomalies, with their probability."""
    bounds = np.flatnonzero(np.diff(partitions, prepend=-1, append=-1))
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        counts: dict[int, int] = {}
        sizes: dict[int, int] = {}
        """How many values have each count."""
        total = buckets = 0
        edges = np.flatnonzero(np.diff(hours[start:end], prepend=-1)).tolist()
        for first, last in zip(edges, [*edges[1:], end - start], strict=True):
            bucket = codes[start + first : start + last].tolist()
            buckets += 1
            for code in bucket:  # the model is sampled before it is scored
                count = counts.get(code, 0)
                if count:
                    sizes[count] -= 1
                counts[code] = count + 1
                sizes[count + 1] = sizes.get(count + 1, 0) + 1
            total += len(bucket)
            if buckets <= LEAST_BUCKETS:
                continue
            for place, code in enumerate(bucket, start=start + first):
                most = counts[code] * TOLERANCE
                if counts[code] <= MOST_PROBABILITY * total:
                    share = sum(count * size for count, size in sizes.items() if count <= most) / total
                    if share <= MOST_PROBABILITY:
                        yield place, share


def many_messages(rows: pd.DataFrame) -> pd.DataFrame:
    """Return principal, day and score of the buckets with improbably many distinct messages.

    A count is compared with those of the same hour on earlier days, weekends apart, by a Poisson, or a negative
    binomial where they vary more.

    Parameters
    ----------
    rows
        principal, quarter, message.
    """
    if not len(rows):
        return _empty()
    counts = rows.groupby("quarter")["message"].nunique()
    every = pd.Series(0, index=range(int(counts.index.min()), int(counts.index.max()) + 1))
    every.loc[counts.index] = counts
    days = np.asarray(every.index) // (24 * QUARTERS)
    slot = (np.asarray(every.index) // QUARTERS) % 24 + 24 * ((days + 3) % 7 >= 5)
    past: dict[int, list[int]] = {}
    shown: dict[int, float] = {}
    today: list[tuple[int, int]] = []
    for place, (quarter, count) in enumerate(every.items()):
        if place and days[place] != days[place - 1]:
            for of, value in today:
                past.setdefault(of, []).append(value)
            today = []
        today.append((int(slot[place]), int(count)))
        known = past.get(int(slot[place]), [])
        if count and len(known) >= LEAST_BUCKETS:
            probability = _reaching(int(count), np.array(known, dtype=float))
            if probability <= MOST_PROBABILITY:
                shown[int(str(quarter))] = -log(max(probability, 1e-300))
    odd = rows[rows["quarter"].isin(list(shown))]
    if not len(odd):
        return _empty()
    by = odd.groupby(["quarter", "principal"])["message"].nunique().reset_index(name="messages")
    by = by.sort_values(["quarter", "messages", "principal"], ascending=[True, False, True])
    blamed = by.groupby("quarter").head(1)
    return pd.DataFrame(
        {
            "principal": blamed["principal"],
            "day": blamed["quarter"] // (24 * QUARTERS),
            "score": blamed["quarter"].map(shown),
        }
    )


def _reaching(count: int, past: np.ndarray) -> float:
    """Probability of so many or more."""
    mean = (past.sum() + 0.5) / len(past)
    variance = float(past.var())
    if variance <= mean:
        return float(poisson.sf(count - 1, mean))
    size = mean**2 / (variance - mean)
    return float(nbinom.sf(count - 1, size, size / (size + mean)))


def _empty() -> pd.DataFrame:
    return pd.DataFrame(
        {"principal": pd.Series(dtype=str), "day": pd.Series(dtype=int), "score": pd.Series(dtype=float)}
    )
