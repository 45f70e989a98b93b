"""Does the mirror say what is so in companies of other shapes than those of bench/mirror_calibration.py?

    python bench/mirror_shapes.py --companies 200 --out bench/results/mirror_shapes.json

Each shape is a way in which a company differs from 30 persons with 3,000 deals over 20 segments and 8 sources:
few persons, many with few deals each, rare or frequent wins, persons within regions, and so on. It is asked what a
user would ask, through `look_in_mirror`, so that a column refused without reason counts too. Counted per case: how
many persons are called, how many of those calls have the wrong sign, how often the 90% range holds the person's
true part, how often the shares' ranges hold the true shares.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
from scipy.special import expit

from karma_core.mirror import Block, Mirror, Question, Shows, look_in_mirror
from karma_core.mirror.parts import calibrated
from karma_core.simulate.mirror import pick_by_row

FIRST_SEED = 90_000
SPREADS = (0.0, 0.2, 0.4, 0.8)
Floats = np.ndarray


@dataclass(frozen=True)
class World:
    """Deals, the persons' true effects, and what each column of the mix adds to each deal."""

    person: np.ndarray
    effects: Floats
    labels: dict[str, np.ndarray]
    numbers: dict[str, Floats]
    parts: dict[str, Floats]
    intercept: float = -0.4

    @property
    def mix(self) -> Floats:
        """What an average colleague's log-odds, or amount, would be."""
        return self.intercept + sum(self.parts.values())


def company(
    rng: np.random.Generator,
    *,
    spread: float,
    people: int = 30,
    deals: int = 3000,
    intercept: float = -0.4,
    evenness: float = 5.0,
    tilts: tuple[float, float] = (0.0, 0.0),
) -> World:
    """A company with segments, lead sources and a size; `tilts` give better segments, sources to the skilled."""
    skill = rng.normal(size=people)
    person = rng.choice(people, size=deals, p=rng.dirichlet(np.full(people, evenness)))
    world = World(person, skill * spread, {}, {}, {}, intercept)
    for name, levels, sd, even, tilt in (("segment", 20, 0.5, 1.0, tilts[0]), ("source", 8, 0.4, 4.0, tilts[1])):
        weights = rng.dirichlet(np.full(levels, even), size=people)
        world = with_labels(rng, world, name, sd=sd, weights=weights, tilt=tilt * skill)
    size = rng.normal(size=deals)
    return with_number(world, "size", size, -0.25)


def with_labels(
    rng: np.random.Generator, world: World, name: str, *, sd: float, weights: Floats, tilt: Floats | float = 0.0
) -> World:
    """Add a column of labels; `weights` (persons x levels) say who gets which, `tilt` who gets the better ones."""
    quality = rng.normal(size=weights.shape[1])
    pulled = weights * np.exp(np.outer(np.broadcast_to(tilt, len(weights)), quality))
    code = pick_by_row(rng, pulled, world.person)
    return replace(world, labels={**world.labels, name: code}, parts={**world.parts, name: sd * quality[code]})


def with_number(world: World, name: str, values: Floats, slope: float) -> World:
    """Add a column of numbers."""
    return replace(world, numbers={**world.numbers, name: values}, parts={**world.parts, name: slope * values})


def few(rng: np.random.Generator, spread: float) -> World:
    """Five to eight persons, 100 deals each."""
    people = int(rng.integers(5, 9))
    return company(rng, spread=spread, people=people, deals=100 * people)


def many(rng: np.random.Generator, spread: float) -> World:
    """A hundred persons with fifteen deals each."""
    return company(rng, spread=spread, people=100, deals=1500, evenness=50.0)


def unequal(rng: np.random.Generator, spread: float) -> World:
    """Some persons have hundreds of deals, others a handful."""
    return company(rng, spread=spread, evenness=0.5)


def rare(rng: np.random.Generator, spread: float) -> World:
    """About 3 in 100 are won."""
    return company(rng, spread=spread, intercept=-3.75)


def frequent(rng: np.random.Generator, spread: float) -> World:
    """About 90 in 100 are won."""
    return company(rng, spread=spread, intercept=2.45)


def nested(rng: np.random.Generator, spread: float) -> World:
    """Every person works in one of five regions, which differ."""
    world = company(rng, spread=spread)
    weights = np.eye(5)[np.arange(len(world.effects)) % 5]
    return with_labels(rng, world, "region", sd=0.4, weights=weights)


def lead_quality(rng: np.random.Generator, spread: float) -> World:
    """A score of each lead, known beforehand, of which the skilled get the better ones."""
    world = company(rng, spread=spread)
    level = 0.5 * rng.normal(size=len(world.effects)) + 0.5 * np.sign(world.effects) * (spread > 0)
    quality = level[world.person] + rng.normal(size=len(world.person))
    return with_number(world, "lead quality", quality, 0.5)


def confounded(rng: np.random.Generator, spread: float) -> World:
    """The skilled get the better segments and the better sources."""
    return company(rng, spread=spread, tilts=(1.0, 1.0))


def joined_late(rng: np.random.Generator, spread: float) -> World:
    """It gets harder every quarter, and a third of the persons have the last year only."""
    world = company(rng, spread=spread)
    late = np.arange(len(world.effects)) % 3 == 0
    first = np.where(late[world.person], 4, 0)
    quarter = first + np.floor(rng.random(len(world.person)) * (8 - first)).astype(np.intp)
    parts = {**world.parts, "quarter": -0.12 * (quarter - 3.5)}
    return replace(world, labels={**world.labels, "quarter": quarter}, parts=parts)


def small(rng: np.random.Generator, spread: float) -> World:
    """Ten persons, 300 deals in all."""
    return company(rng, spread=spread, people=10, deals=300)


def more_columns(rng: np.random.Generator, spread: float) -> World:
    """Territory and product beside segment and source, all crossed."""
    world = company(rng, spread=spread)
    people = len(world.effects)
    for name, levels, sd in (("territory", 12, 0.4), ("product", 15, 0.3)):
        weights = rng.dirichlet(np.full(levels, 1.0), size=people)
        world = with_labels(rng, world, name, sd=sd, weights=weights)
    return world


Shape = Callable[[np.random.Generator, float], World]
OF_WINS: dict[str, Shape] = {
    made.__name__: made
    for made in (
        few, many, unequal, rare, frequent, nested, lead_quality, confounded, joined_late, small, more_columns
    )
}  # fmt: skip


def heavy_tails(rng: np.random.Generator, world: World) -> tuple[Floats, Floats, Floats]:
    """Margins so skewed that one in a hundred is thirty times the middle one."""
    factor = np.exp(0.5 * world.effects)[world.person]
    base = np.exp(8 + world.mix + 1.3**2 / 2)
    return base, factor, base * factor * np.exp(1.3 * rng.normal(size=len(base)) - 1.3**2 / 2)


def some_negative(rng: np.random.Generator, world: World) -> tuple[Floats, Floats, Floats]:
    """Margins of which a third is negative; a person adds or takes off an amount."""
    base = 500 * np.ones(len(world.person)) + 300 * world.mix
    factor = 1 + (300 * 0.5 * world.effects)[world.person] / base
    return base, factor, base * factor + 500 * rng.standard_t(3, size=len(base))


def mostly_nothing(rng: np.random.Generator, world: World) -> tuple[Floats, Floats, Floats]:
    """Seven in ten lose nothing, the others a good part of their margin; persons differ in how often."""
    margin = np.exp(8 + world.mix + 0.6 * rng.normal(size=len(world.person)))
    chance = expit(-0.85 + world.effects)[world.person]
    base = 0.3 * np.exp(8 + world.mix + 0.6**2 / 2)
    lost = (rng.random(len(margin)) < chance) * margin * rng.beta(2, 4.667, size=len(margin))
    return base, chance, lost


OF_AMOUNTS = {made.__name__: made for made in (heavy_tails, some_negative, mostly_nothing)}


@dataclass
class Tally:
    """What is counted over companies."""

    companies: int = 0
    persons: int = 0
    calls: int = 0
    wrong: int = 0
    covered: int = 0
    hidden: int = 0
    refused: int = 0
    seconds: float = 0.0
    shares: dict[str, list[int]] = field(default_factory=dict)

    def count(self, block: Block, own: Floats) -> None:
        """Count one company's persons, `own` in order of the answer."""
        for person, value in zip(block.people, own.tolist(), strict=True):
            assert person.low is not None
            assert person.high is not None
            self.persons += 1
            self.covered += person.low <= value <= person.high
            if person.verdict != "cannot_tell":
                self.calls += 1
                self.wrong += (person.verdict == "above") != (value > 0)

    def count_shares(self, block: Block, true: dict[str, float]) -> None:
        """Count which ranges hold the true shares."""
        if block.shares is None:
            return
        for name, share in {
            "person": block.shares.person,
            **block.shares.mix,
            "chance": block.shares.chance,
        }.items():
            held = self.shares.setdefault(name, [0, 0])
            held[0] += share.low <= true[name] <= share.high
            held[1] += 1

    def said(self, shape: str, spread: float) -> dict[str, object]:
        """The case as it is kept."""
        return {
            "shape": shape,
            "true_sd": spread,
            "companies": self.companies,
            "persons": self.persons,
            "calls": self.calls,
            "called": round(self.calls / self.persons, 4),
            "wrong_sign": self.wrong if spread else None,
            "coverage": round(self.covered / self.persons, 4),
            "columns_refused": self.refused,
            "coverage_of_shares": {name: round(held / all_, 3) for name, (held, all_) in self.shares.items()},
            "seconds_each": round(self.seconds / self.companies, 3),
        }


def ask(world: World, columns: dict[str, object], *, seed: int, margin: str | None = None) -> Mirror:
    """Ask what a user would ask."""
    frame = pl.DataFrame({"person": names(world.person), **columns}).with_columns(
        *(pl.Series(name, [f"{name} {code}" for code in codes]) for name, codes in world.labels.items()),
        *(pl.Series(name, values) for name, values in world.numbers.items()),
    )
    question = Question(
        "outcome", won="won", person="person", mix=tuple(world.labels), numeric=tuple(world.numbers), margin=margin
    )
    return look_in_mirror(frame, question, shows=Shows(everybody=True), rng=np.random.default_rng(seed))


def names(person: np.ndarray) -> list[str]:
    return [f"p{code}" for code in person]


def in_order(person: np.ndarray) -> np.ndarray:
    """The persons in order of the input."""
    _, first = np.unique(person, return_index=True)
    return person[np.sort(first)]


def of_win(shape: str, spread: float, seed: int, tally: Tally) -> None:
    rng = np.random.default_rng([seed, 7])
    world = OF_WINS[shape](rng, spread)
    chances = expit(world.mix + world.effects[world.person])
    won = rng.random(len(chances)) < chances
    began = time.perf_counter()
    mirror = ask(world, {"outcome": np.where(won, "won", "lost")}, seed=seed)
    tally.seconds += time.perf_counter() - began
    tally.companies += 1
    tally.refused += len(mirror.refused)
    if mirror.won.log_likelihood is None:
        return
    own = world.effects - world.effects[world.person].mean()
    mix = calibrated(world.mix, float(chances.mean()))
    moved = expit(mix + own[world.person]) - expit(mix)
    each = np.bincount(world.person, moved, len(own)) / np.maximum(
        np.bincount(world.person, minlength=len(own)), 1
    )
    tally.count(mirror.won, each[in_order(world.person)])
    if not mirror.refused:
        tally.count_shares(mirror.won, true_shares(world, chances))


def true_shares(world: World, chances: Floats) -> dict[str, float]:
    parts = {"person": world.effects[world.person], **world.parts}
    total = sum(part.var() for part in parts.values())
    spread, noise = chances.var(), (chances * (1 - chances)).mean()
    shares = {name: part.var() / total * spread / (spread + noise) for name, part in parts.items()}
    return {**shares, "chance": noise / (spread + noise)}


def of_amount(shape: str, spread: float, seed: int, tally: Tally) -> None:
    rng = np.random.default_rng([seed, 8])
    world = company(rng, spread=spread, deals=1200, intercept=0.0)
    base, factor, amounts = OF_AMOUNTS[shape](rng, world)
    average = base @ factor / base.sum()
    each = np.bincount(world.person, base * (factor - average)) / np.maximum(np.bincount(world.person), 1)
    began = time.perf_counter()
    mirror = ask(world, {"outcome": ["won"] * len(amounts), "margin": amounts}, seed=seed, margin="margin")
    tally.seconds += time.perf_counter() - began
    tally.companies += 1
    assert mirror.margin is not None
    tally.count(mirror.margin, each[in_order(world.person)])


def keep(case: dict[str, object], out: Path) -> None:
    """Put one case beside those that `out` holds, in place of an earlier one."""
    held = json.loads(out.read_text())["cases"] if out.exists() else []
    key = ("shape", "true_sd")
    cases = [c for c in held if [c[k] for k in key] != [case[k] for k in key]] + [case]
    cases.sort(key=lambda c: ([*OF_WINS, *OF_AMOUNTS].index(c["shape"]), c["true_sd"]))
    made = {"made_on": f"{datetime.now(UTC):%Y-%m-%d}", "command": "python bench/mirror_shapes.py"}
    out.write_text(json.dumps({**made, "cases": cases}, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--spreads", type=float, nargs="+", default=SPREADS)
    parser.add_argument("--shapes", nargs="+", default=[*OF_WINS, *OF_AMOUNTS])
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    for shape, spread in product(asked.shapes, asked.spreads):
        tally, look = Tally(), of_win if shape in OF_WINS else of_amount
        for seed in range(asked.first_seed, asked.first_seed + asked.companies):
            look(shape, spread, seed, tally)
        case = tally.said(shape, spread)
        print(json.dumps(case), flush=True)
        if asked.out:
            keep(case, asked.out)


if __name__ == "__main__":
    main()
