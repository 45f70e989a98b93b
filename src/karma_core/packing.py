"""Purchase days on this machine, packed: one sorted integer per customer and day instead of rows of text.

The same counts as the shared group-bys in `karma_core.frames` give, several times faster; that module says what
each column means, and tests hold the two equal.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Numbers = NDArray[np.floating[Any] | np.integer[Any]]

HASH_BITS, TABLE_BITS, NARROW = 64, 22, 32
SEED, OTHER_SEED = 20, 26
PER_DAY = 64
"""Market days are told apart to a sixty-fourth."""

SHORTEST = 0.5
"""A gap of less than half a market day counts for half of one: purchase days are whole calendar days."""

MOST_DAYS = 4_000_000
"""Gaps are summed up for so many purchase days at once, which bounds the memory."""

MONEY = ("lines", "revenue_cents", "cost_cents", "costed_revenue_cents")


class CollisionError(Exception):
    """Two customers whose names look alike once packed; the plain group-bys then do the work."""


@dataclass(frozen=True)
class PackedDays:
    """Each customer's distinct purchase days in order: customer i has `day[start[i]:start[i + 1]]`.

    `money` has one row per customer: `customer, lines, revenue_cents, cost_cents, costed_revenue_cents`.
    """

    money: pl.DataFrame
    day: NDArray[np.int32]
    start: Ints

    @property
    def first(self) -> Ints:
        """Each customer's first purchase day, as a day number."""
        return self.day[self.start[:-1]].astype(np.int64)

    @property
    def last(self) -> Ints:
        """Each customer's last purchase day."""
        return self.day[self.start[1:] - 1].astype(np.int64)

    @property
    def x(self) -> Ints:
        """Repeat purchase days per customer."""
        return np.diff(self.start) - 1

    def per_day(self) -> pl.DataFrame:
        """How many customers bought on each day that has any: `day, customers`."""
        low = int(self.day.min(initial=0))
        count = np.bincount(self.day - low)
        told = np.flatnonzero(count)
        return pl.DataFrame({"day": told + low, "customers": count[told]})

    def _parts(self) -> Iterator["PackedDays"]:
        """The same, so many days at a time, each customer whole."""
        cuts = np.searchsorted(self.start, np.arange(0, len(self.day), MOST_DAYS))
        edges = np.unique(np.append(cuts, len(self.start) - 1))
        for low, high in pairwise(edges.tolist()):
            start = self.start[low : high + 1]
            yield PackedDays(self.money[low:high], self.day[start[0] : start[-1]], start - start[0])

    def gaps(self, market_day: Callable[[NDArray[Any]], Floats] | None = None) -> pl.DataFrame:
        """`early_gap, typical_gap, longest_gap, log_gaps` per customer, in days or, given a clock, market days.

        `market_day` says how many market days have gone by at the end of each day number. Without gaps all are
        null but `log_gaps`, which is 0.
        """
        if not len(self.day):
            return _summed(np.zeros(0), self.x, scale=1)
        return pl.concat([part._gaps(market_day) for part in self._parts()])

    def _gaps(self, market_day: Callable[[NDArray[Any]], Floats] | None) -> pl.DataFrame:
        inner = np.ones(len(self.day), dtype=bool)
        inner[self.start[:-1]] = False
        if market_day is None:
            return _summed(np.diff(self.day, prepend=0)[inner], self.x, scale=1)
        return _summed(
            np.maximum(np.diff(market_day(self.day), prepend=0)[inner], SHORTEST), self.x, scale=PER_DAY
        )


def _summed(gap: Numbers, count: Ints, *, scale: int) -> pl.DataFrame:
    """Quartile, median, maximum and sum of logarithms of each customer's gaps, laid end to end."""
    units = gap if scale == 1 else np.rint(gap * scale).astype(np.int64)
    edge, bits = np.concatenate(([0], np.cumsum(count))), max(int(units.max(initial=1)).bit_length(), 1)
    ordered = _sorted_within(units, count, bits=bits)
    some, n = edge[:-1][count > 0], count[count > 0]
    logs = np.zeros(len(count))
    logs[count > 0] = np.add.reduceat(_logs(gap), some) if len(some) else 0.0
    columns: dict[str, Floats] = {}
    for name, share in (("early_gap", 0.25), ("typical_gap", 0.5), ("longest_gap", 1.0)):
        at = share * (n - 1)
        low = np.floor(at).astype(np.int64)
        high = np.minimum(low + 1, n - 1)
        least = ordered[some + low].astype(np.float64)
        columns[name] = np.full(len(count), np.nan)
        columns[name][count > 0] = (least + (at - low) * (ordered[some + high] - least)) / scale
    return pl.DataFrame(columns).fill_nan(None).with_columns(log_gaps=logs)


def _sorted_within(units: NDArray[Any], count: Ints, *, bits: int) -> NDArray[Any]:
    """Each customer's values in order, customers laid end to end; in 32 bits where a customer and a value fit."""
    width = np.dtype(np.uint32 if len(count).bit_length() + bits <= NARROW else np.uint64)
    keys: NDArray[Any] = np.repeat((np.arange(len(count)) << bits).astype(width), count)
    keys |= units.astype(width)
    keys.sort()
    keys &= (1 << bits) - 1
    return keys


def _logs(gap: Numbers) -> Floats:
    """Logarithms; of whole days by a table, since few different ones occur."""
    if not np.issubdtype(gap.dtype, np.integer):
        return np.asarray(np.log(gap))
    return np.asarray(np.log(np.arange(1, int(gap.max(initial=1)) + 1))[gap - 1])


def pack(lines: pl.DataFrame) -> PackedDays:
    """Pack lines of sale (`customer, on, revenue_cents, cost_cents`, customers known) by customer.

    Customers with credits only are left out. Raises CollisionError where two customers cannot be told apart.

    >>> from datetime import date
    >>> lines = pl.DataFrame({"customer": ["b", "a", "a"], "on": [date(2026, 1, 5), date(2026, 1, 9)] * 1
    ...     + [date(2026, 1, 2)], "revenue_cents": [5, 5, 5], "cost_cents": [1, None, 1]})
    >>> sorted(zip(pack(lines).money["customer"], pack(lines).x.tolist()))
    [('a', 1), ('b', 0)]
    """
    day = lines["on"].to_physical().to_numpy()
    low = int(day.min()) if len(day) else 0
    bits = int(day.max(initial=low) - low).bit_length() + 1
    names = lines["customer"].hash(seed=SEED).to_numpy() >> np.uint64(bits)
    credit = lines["revenue_cents"].to_numpy() < 0
    keys = names << np.uint64(bits)
    keys |= ((day - low) << 1 | credit).view(np.uint32)
    keys.sort()
    first_of = np.flatnonzero(_is_new(keys >> np.uint64(bits)))
    groups, count = keys[first_of] >> np.uint64(bits), np.diff(first_of, append=len(keys))
    bought = (keys[keys & np.uint64(1) == 0] if credit.any() else keys) >> np.uint64(1)
    del keys, credit, day
    money = _money(lines, _places(names, groups, bits=HASH_BITS - bits), count)
    bought = _distinct(bought)
    start = np.flatnonzero(_is_new(bought >> np.uint64(bits - 1)))
    if len(start) < len(groups):
        money = money[np.searchsorted(groups, bought[start] >> np.uint64(bits - 1))]
    days = (bought & np.uint64((1 << (bits - 1)) - 1)).astype(np.int32) + np.int32(low)
    return PackedDays(money, days, np.append(start, len(bought)))


def _is_new(ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    return np.concatenate((np.ones(min(len(ordered), 1), dtype=bool), ordered[1:] != ordered[:-1]))


def _distinct(ordered: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return ordered[_is_new(ordered)]


def _places(names: NDArray[np.uint64], groups: NDArray[np.uint64], *, bits: int) -> NDArray[np.int32]:
    """Where each name stands among the ordered groups: a table on its first bits, then a step or two."""
    table_bits = min(bits, TABLE_BITS, len(groups).bit_length() + 2)
    cut = np.uint64(bits - table_bits)
    before = np.bincount((groups >> cut).astype(np.int64) + 1, minlength=(1 << table_bits) + 1)
    table = np.cumsum(before, dtype=np.int32)
    place: NDArray[np.int32] = table[names >> cut]
    wrong = np.flatnonzero(groups[place] != names)
    while len(wrong):
        place[wrong] += 1
        wrong = wrong[groups[place[wrong]] != names[wrong]]
    return place


def _money(lines: pl.DataFrame, place: NDArray[np.int32], count: Ints) -> pl.DataFrame:
    """Sums per customer; refuses two names in one place, which a second way of packing names brings to light.

    `count` is the lines of each. Sums run in floating point, which is exact up to 90 trillion of the currency.
    """
    some_line, customers = np.empty(len(count), dtype=np.int32), len(count)
    some_line[place] = np.arange(len(place), dtype=np.int32)
    other = (lines["customer"].hash(seed=OTHER_SEED).to_numpy() >> np.uint64(32)).astype(np.uint32)
    if (other != other[some_line][place]).any():
        raise CollisionError
    revenue, cost = lines["revenue_cents"], lines["cost_cents"]
    has_cost = cost.is_not_null()
    amounts = {"revenue_cents": revenue, "cost_cents": cost.fill_null(0)}
    summed = {name: np.bincount(place, amount.to_numpy(), customers) for name, amount in amounts.items()}
    if has_cost.all():
        summed["costed_revenue_cents"] = summed["revenue_cents"]
    else:
        summed["costed_revenue_cents"] = np.bincount(place, revenue.to_numpy() * has_cost.to_numpy(), customers)
    counted = pl.DataFrame({"lines": count, **summed}).cast(pl.Int64)
    return counted.select(lines["customer"].gather(some_line), *MONEY)


def name_order(names: pl.Series) -> Ints:
    """The places of distinct names in order: what `names.arg_sort()` gives, several times as fast.

    Names sort faster than their places do; each is found back by a number made of it.

    >>> name_order(pl.Series(["c", "a", "b"])).tolist()
    [1, 2, 0]
    """
    place = np.empty(len(names), dtype=np.int64)
    here, there = (some.hash(seed=SEED).to_numpy().argsort() for some in (names, names.sort()))
    place[there] = here
    return place


def join(parts: list[PackedDays]) -> PackedDays:
    """Put together the packed days of different customers."""
    ends = np.cumsum([0] + [len(part.day) for part in parts])
    starts = [part.start[:-1] + end for part, end in zip(parts, ends, strict=False)]
    return PackedDays(
        pl.concat([part.money for part in parts]),
        np.concatenate([part.day for part in parts]),
        np.concatenate([*starts, [ends[-1]]]).astype(np.int64),
    )
