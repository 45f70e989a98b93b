"""Does the mirror say what is so of margin per deal, and of margin lost after the signature?

    python bench/mirror_amounts.py --companies 400 --spreads 0.8 --kinds lost --out FILE.json

With `--after 200` the first 200 companies are taken from what FILE.json holds, and only the others are made.

The companies of bench/mirror_calibration.py; margins are log-normal (a deal of one deviation more has 2.2 times
the margin), so that the mirror's straight lines are an approximation. The truth is a person's own part of the
expected amount: what their deals bring on average, less what an average colleague's would over all deals.
`true_sd` is that of win skill; on log margin, and on the log-odds of the share lost, persons differ half as much.
"""

import argparse
import json
import time
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
from mirror_calibration import ASSIGNMENTS, FIRST_SEED, Tally, count, keep

from karma_core.mirror.far_off import steady
from karma_core.mirror.material import Material, read_material
from karma_core.mirror.model import fit_model
from karma_core.mirror.overlap import overlap_of
from karma_core.mirror.people import differences, verdicts
from karma_core.simulate.mirror import MirrorDeals, mirror_deals

KINDS = ("margin", "lost")
SPREADS = (0.0, 0.4, 0.8)
POINTS, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)


def amounts(won: pl.DataFrame, kind: str) -> np.ndarray:
    quoted, realised = (
        won[name].cast(pl.Float64).to_numpy() for name in ("margin_cents", "realised_margin_cents")
    )
    return quoted if kind == "margin" else quoted - realised


def truth(world: MirrorDeals, won: pl.DataFrame, material: Material, kind: str) -> np.ndarray:
    """Each person's own part of the expected amount, in order of the material's persons."""
    base = np.exp(8.0 + 0.8 * won["size"].to_numpy() + 0.6**2 / 2) * 100
    for frame in (world.segments, world.sources):
        name = frame.columns[0]
        base = base * np.exp(won[name].replace_strict(frame[name], frame["margin_effect"]).to_numpy())
    own = {}
    for person, margin, loss in world.people.select("person", "margin_effect", "loss_effect").iter_rows():
        lost = WEIGHTS @ (1 / (1 + np.exp(2.5 - loss - POINTS))) / WEIGHTS.sum()
        own[person] = np.exp(margin) * (1.0 if kind == "margin" else lost)
    factor, codes = np.array([own[level] for level in material.person.levels]), material.person.codes
    average = base @ factor[codes] / base.sum()
    return np.bincount(codes, base * (factor[codes] - average)) / material.deals_each


def look(tally: Tally, kind: str, *, seed: int, skill_sd: float, assignment: str) -> None:
    world = mirror_deals(seed=seed, skill_sd=skill_sd, assignment=assignment)
    won = world.deals.filter(pl.col("outcome") == "won")
    columns = {"person": "person", "mix": ["segment", "source"], "numeric": ["size", "new"]}
    began = time.perf_counter()
    material = read_material(won, amounts(won, kind), is_amount=True, **columns).material
    model = fit_model(material)
    found = differences(model)
    said = steady(model, verdicts(model, found, overlap_of(model)))
    tally.seconds += time.perf_counter() - began
    own = truth(world, won, material, kind)
    low, high = (found.quantile(level) * model.unit for level in (0.05, 0.95))
    count(tally, said, own)
    tally.covered += int(((low <= own) & (own <= high)).sum())
    deviation = material.outcome.std() / np.sqrt(material.deals_each)
    tally.raw_called += int((np.abs(material.rates() - material.outcome.mean()) > 1.96 * deviation).sum())


def case(kind: str, companies: range, *, skill_sd: float, assignment: str) -> dict[str, object]:
    tally = Tally()
    for index in companies:
        look(tally, kind, seed=FIRST_SEED + index, skill_sd=skill_sd, assignment=assignment)
    return {
        "outcome": kind,
        "true_sd": skill_sd,
        "assignment": assignment,
        "companies": tally.companies,
        "persons": tally.persons,
        "called": round(tally.called / tally.persons, 4),
        "calls": tally.called,
        "wrong_sign": int(tally.wrong) if skill_sd else None,
        "coverage": round(tally.covered / tally.persons, 4),
        "raw_z_test_called": round(tally.raw_called / tally.persons, 4),
        "seconds_each": round(tally.seconds / tally.companies, 3),
    }


def together(one: dict[str, object], other: dict[str, object]) -> dict[str, object]:
    """The same case over the companies of both."""
    persons = one["persons"] + other["persons"]
    made = {**other, **{name: one[name] + other[name] for name in ("companies", "persons", "calls")}}
    made["called"] = round(made["calls"] / persons, 4)
    for share in ("coverage", "raw_z_test_called"):
        made[share] = round((one[share] * one["persons"] + other[share] * other["persons"]) / persons, 4)
    if made["true_sd"]:
        made["wrong_sign"] = one["wrong_sign"] + other["wrong_sign"]
    return made


def earlier(out: Path, companies: int, made: dict[str, object]) -> dict[str, object]:
    """The case that the file holds over the first companies; StopIteration where it does not."""
    key = ("outcome", "true_sd", "assignment")
    cases = json.loads(out.read_text())["cases"]
    return next(c for c in cases if c["companies"] == companies and all(c[k] == made[k] for k in key))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=400)
    parser.add_argument("--after", type=int, default=0)
    parser.add_argument("--spreads", type=float, nargs="+", default=SPREADS)
    parser.add_argument("--assignments", nargs="+", default=ASSIGNMENTS)
    parser.add_argument("--kinds", nargs="+", default=KINDS)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    for skill_sd, assignment, kind in product(asked.spreads, asked.assignments, asked.kinds):
        companies = range(asked.after, asked.companies)
        made = case(kind, companies, skill_sd=skill_sd, assignment=assignment)
        if asked.after:
            made = together(earlier(asked.out, asked.after, made), made)
        print(json.dumps(made), flush=True)
        if asked.out:
            keep(made, asked.out, command="python bench/mirror_amounts.py")


if __name__ == "__main__":
    main()
