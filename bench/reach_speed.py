"""How long a plan takes, and how much room: 100,000 customers, a million purchases, 100,000 deals.

    python bench/reach_speed.py --customers 100000 --purchases 1000000 --deals 100000

Times one quarter, then three teams times three periods as one analysis, then reading answers off (what-if), in one
process; prints wall and processor seconds and the largest memory, and writes bench/results/reach-speed.json.
"""

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import polars as pl

from karma_core import reach
from karma_core.periods import Period

RESULT = Path(__file__).parent / "results" / "reach-speed.json"
FIRST, AS_OF = date(2021, 1, 1), date(2025, 11, 10)
DAYS = (AS_OF - FIRST).days
PERIODS = (
    Period(date(2025, 10, 1), date(2026, 1, 1)),
    Period(date(2026, 1, 1), date(2026, 4, 1)),
    Period(date(2026, 1, 1), date(2027, 1, 1)),
)


def made_purchases(customers: int, lines: int, rng: np.random.Generator) -> pl.DataFrame:
    """Customers with a rate of their own who arrive and leave; as many lines as asked for, about."""
    arrived = np.where(rng.random(customers) < 0.5, -900, rng.integers(0, DAYS, customers))
    left = arrived + rng.exponential(1500, customers)
    rate = rng.gamma(0.8, 1, customers)
    alive = np.clip(np.minimum(left, DAYS) - np.maximum(arrived, 0), 0, None)
    count = rng.poisson(rate * alive * lines / max((rate * alive).sum(), 1))
    who = np.repeat(np.arange(customers), count)
    day = np.maximum(arrived, 0)[who] + rng.random(who.size) * alive[who]
    revenue = np.rint(100 * rng.lognormal(6, 1.0, customers)[who] * rng.lognormal(0, 0.5, who.size)).astype(int)
    return _lines(who, day.astype(int), revenue, rng)


def _lines(who: np.ndarray, day: np.ndarray, revenue: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    back = rng.random(who.size) < 0.02
    return pl.DataFrame(
        {
            "customer": np.char.add("c", np.concatenate([who, who[back]]).astype(str)),
            "on": (np.datetime64(FIRST) + np.concatenate([day, day[back] + 9])).astype("datetime64[D]"),
            "revenue_cents": np.concatenate([revenue, -(revenue[back] // 2)]),
            "cost_cents": np.concatenate([revenue * 7 // 10, 0 * revenue[back]]),
            "segment": np.char.add("s", (np.concatenate([who, who[back]]) % 8).astype(str)),
        }
    ).filter(pl.col("on") < AS_OF)


def made_deals(n: int, customers: int, rng: np.random.Generator) -> pl.DataFrame:
    """Deals that open evenly, stay open some weeks, and are won three times in ten."""
    opened = rng.integers(0, DAYS, n)
    closed = opened + rng.integers(1, 8, n) + 7 * rng.geometric(0.08, n)
    outcome = np.where(closed >= DAYS, "open", np.where(rng.random(n) < 0.3, "won", "lost"))
    who = rng.integers(0, customers, n)
    as_day = [(np.datetime64(FIRST) + column).astype("datetime64[D]") for column in (opened, closed)]
    frame = pl.DataFrame(
        {
            "deal": np.char.add("d", np.arange(n).astype(str)),
            "customer": np.char.add("c", who.astype(str)),
            "outcome": outcome,
            "opened_on": as_day[0],
            "closed_on": as_day[1],
            "revenue_cents": np.rint(100 * rng.lognormal(8, 0.8, n)).astype(int),
            "segment": np.char.add("s", (who % 8).astype(str)),
            "source": rng.choice(["web", "event", "referral"], n),
        }
    )
    return frame.with_columns(closed_on=pl.when(pl.col("outcome") != "open").then("closed_on"))


def invoices(deals: pl.DataFrame) -> pl.DataFrame:
    won = deals.filter(pl.col("outcome") == "won")
    lines = won.select(
        "customer",
        pl.col("closed_on").dt.offset_by("20d").alias("on"),
        "revenue_cents",
        (pl.col("revenue_cents") * 7 // 10).alias("cost_cents"),
        "segment",
        "deal",
    )
    return lines.filter(pl.col("on") < AS_OF)


def timed(what: str, work: Callable[[], object]) -> tuple[dict[str, object], object]:
    wall, processor = time.perf_counter(), time.process_time()
    answer = work()
    found = {
        "what": what,
        "wall_s": round(time.perf_counter() - wall, 3),
        "processor_s": round(time.process_time() - processor, 3),
        "largest_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 2),
    }
    print(found, flush=True)
    return found, answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--purchases", type=int, default=1_000_000)
    parser.add_argument("--deals", type=int, default=100_000)
    parser.add_argument("--teams", type=int, default=3)
    args = parser.parse_args()
    rng = np.random.default_rng(1)
    deals = made_deals(args.deals, args.customers, rng)
    bought = made_purchases(args.customers, args.purchases, rng)
    lines = pl.concat([bought.with_columns(deal=pl.lit(None, dtype=pl.String)), invoices(deals)])
    print(f"{lines.height} lines, {deals.height} deals, {deals.filter(pl.col('outcome') == 'open').height} open")

    def one() -> reach.PlanReading:
        return reach.forecast(
            lines, deals=deals, history=None, period=PERIODS[1], as_of=AS_OF, rng=np.random.default_rng(1)
        )

    def analysis() -> list[reach.PlanReading]:
        return [reading for team in range(args.teams) for reading in of_team(team)]

    def of_team(team: int) -> tuple[reach.PlanReading, ...]:
        own = pl.col("customer").str.slice(1).cast(pl.Int64) % args.teams == team
        return reach.forecast_many(
            lines.filter(own),
            deals=deals.filter(own),
            history=None,
            periods=PERIODS,
            as_of=AS_OF,
            rng=np.random.default_rng(1),
        )

    found, reading = timed("one quarter", one)
    assert isinstance(reading, reach.PlanReading)
    amounts = np.linspace(*np.quantile(reading.draws.total, [0.01, 0.99]), 1000).astype(int).tolist()
    what_if, _ = timed("chance of 1,000 amounts", lambda: [reading.chance_of(amount) for amount in amounts])
    needs, _ = timed("what would have to be true", lambda: reach.what_would_have_to_be_true(reading, amounts[900]))
    whole, _ = timed(f"{args.teams} teams, {len(PERIODS)} periods", analysis)
    kept, stored = timed("to be stored", lambda: reach.to_stored(reading))
    assert isinstance(stored, tuple)
    kept["bytes"] = len(stored[1]) + len(json.dumps(stored[0]))
    results = [found, what_if, needs, whole, kept]
    RESULT.write_text(
        json.dumps({"made_on": f"{datetime.now(UTC):%Y-%m-%d}", **vars(args), "results": results}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
