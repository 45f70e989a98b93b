"""Does the mirror say what is so? Hundreds of simulated companies whose truth is known.

    python bench/mirror_calibration.py --companies 400 --out bench/results/mirror_calibration.json

Each company has 30 persons, 20 segments, 8 lead sources and 3,000 deals (karma_core.simulate.mirror_deals, frozen
before the model was judged). Counted per case: how many persons are called above or below, how many of those calls
have the wrong sign, how often the 90% range holds the person's true part of the rate, how often the shares' ranges
hold the true shares, and, for comparison, how many persons a z-test on raw rates would call.
"""

import argparse
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import numpy as np
from scipy.special import expit

from karma_core.mirror.material import Material, read_material
from karma_core.mirror.model import fit_model
from karma_core.mirror.overlap import overlap_of
from karma_core.mirror.parts import calibrated, parts_of
from karma_core.mirror.people import differences, verdicts
from karma_core.mirror.shares import shares_of
from karma_core.simulate.mirror import NEW_EFFECT, SIZE_EFFECT, MirrorDeals, mirror_deals

SPREADS = (0.0, 0.2, 0.4, 0.8)
ASSIGNMENTS = ("even", "confounded")
FIRST_SEED = 20_000


@dataclass
class Tally:
    """What is counted over companies."""

    persons: int = 0
    called: int = 0
    wrong: int = 0
    covered: int = 0
    covered_effect: int = 0
    raw_called: int = 0
    shares: dict[str, int] = field(default_factory=dict)
    companies: int = 0
    companies_with_call: int = 0
    seconds: float = 0.0


def truth(world: MirrorDeals, material: Material) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    """The true effects against the team's mean, the true part of each rate, and the true shares."""
    person = dict(world.people.select("person", "win_effect").iter_rows())
    effects = np.array([person[level] for level in material.person.levels])
    parts = {material.person.name: effects[material.person.codes]}
    for coded, frame in zip(material.mix, (world.segments, world.sources), strict=True):
        known = dict(frame.select(coded.name, "win_effect").iter_rows())
        parts[coded.name] = np.array([known[level] for level in coded.levels])[coded.codes]
    parts["size"] = SIZE_EFFECT * world.deals["size"].to_numpy()
    parts["new"] = NEW_EFFECT * world.deals["new"].to_numpy()
    own = effects - effects[material.person.codes].mean()
    mix = sum(values for name, values in parts.items() if name != material.person.name)
    mix = calibrated(mix, float(world.chances.mean()))
    moved = expit(mix + own[material.person.codes]) - expit(mix)
    rates = np.bincount(material.person.codes, moved) / material.deals_each
    spread, noise = world.chances.var(), (world.chances * (1 - world.chances)).mean()
    total = sum(values.var() for values in parts.values())
    shares = {name: values.var() / total * spread / (spread + noise) for name, values in parts.items()}
    return own, rates, {**shares, "chance": noise / (spread + noise)}


def raw_calls(material: Material) -> int:
    """How many persons a two-sided z-test at 5% on raw rates calls different from the team."""
    team = material.outcome.mean()
    deviation = np.sqrt(team * (1 - team) / material.deals_each)
    return int((np.abs(material.rates() - team) > 1.96 * deviation).sum())


def look(tally: Tally, *, seed: int, skill_sd: float, assignment: str, deals: int = 3000) -> None:
    world = mirror_deals(seed=seed, skill_sd=skill_sd, assignment=assignment, deals=deals)
    won = (world.deals["outcome"] == "won").to_numpy().astype(float)
    began = time.perf_counter()
    columns = {"person": "person", "mix": ["segment", "source"], "numeric": ["size", "new"]}
    material = read_material(world.deals, won, is_amount=False, **columns).material
    model = fit_model(material)
    found, parts = differences(model), parts_of(model)
    said = verdicts(model, found, overlap_of(model))
    shares = shares_of(model, rng=np.random.default_rng(seed))
    tally.seconds += time.perf_counter() - began
    own, rates, true_shares = truth(world, material)
    low, high = found.quantile(0.05), found.quantile(0.95)
    low_rate, high_rate = parts.from_person(low), parts.from_person(high)
    count(tally, said, own)
    tally.covered_effect += int(((low <= own) & (own <= high)).sum())
    tally.covered += int(((low_rate <= rates) & (rates <= high_rate)).sum())
    tally.raw_called += raw_calls(material)
    for name, share in {"person": shares.person, **shares.mix, "chance": shares.chance}.items():
        hit = share.low <= true_shares[name] <= share.high
        tally.shares[name] = tally.shares.get(name, 0) + int(hit)


def count(tally: Tally, said: list[str], own: np.ndarray) -> None:
    calls = [(word, value) for word, value in zip(said, own, strict=True) if word != "cannot_tell"]
    tally.persons += len(said)
    tally.called += len(calls)
    tally.companies_with_call += bool(calls)
    tally.companies += 1
    tally.wrong += sum((word == "above") != (value > 0) for word, value in calls)


def study(asked: argparse.Namespace) -> None:
    """Run the cases in turn; what is known so far is written after each, beside the cases that `out` holds."""
    for skill_sd, assignment in product(asked.spreads, asked.assignments):
        tally = Tally()
        for seed in range(asked.first_seed, asked.first_seed + asked.companies):
            look(tally, seed=seed, skill_sd=skill_sd, assignment=assignment, deals=asked.deals)
        case = summary(tally, skill_sd, assignment)
        print(json.dumps(case), flush=True)
        if asked.out:
            keep(case, asked.out, command="python bench/mirror_calibration.py")


def keep(case: dict[str, object], out: Path, *, command: str) -> None:
    """Put one case beside those that `out` holds, in place of an earlier one; what else stands there stays."""
    held = json.loads(out.read_text()) if out.exists() else {"cases": []}
    key = ("outcome", "true_sd", "assignment")
    cases = [c for c in held["cases"] if [c.get(k) for k in key] != [case.get(k) for k in key]] + [case]
    cases.sort(key=lambda c: (c.get("outcome") != "margin", c["true_sd"], c["assignment"] != "even"))
    made = {"made_on": f"{datetime.now(UTC):%Y-%m-%d}", "command": command}
    out.write_text(json.dumps({**held, **made, "cases": cases}, indent=2) + "\n")


def summary(tally: Tally, skill_sd: float, assignment: str) -> dict[str, object]:
    return {
        "true_sd": skill_sd,
        "assignment": assignment,
        "companies": tally.companies,
        "persons": tally.persons,
        "called": round(tally.called / tally.persons, 4),
        "companies_with_a_call": round(tally.companies_with_call / tally.companies, 4),
        "wrong_sign_of_calls": round(tally.wrong / tally.called, 4) if tally.called and skill_sd else None,
        "coverage_of_rate": round(tally.covered / tally.persons, 4),
        "coverage_of_effect": round(tally.covered_effect / tally.persons, 4),
        "raw_z_test_called": round(tally.raw_called / tally.persons, 4),
        "coverage_of_shares": {name: round(hits / tally.companies, 3) for name, hits in tally.shares.items()},
        "seconds_each": round(tally.seconds / tally.companies, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=400)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--deals", type=int, default=3000)
    parser.add_argument("--spreads", type=float, nargs="+", default=SPREADS)
    parser.add_argument("--assignments", nargs="+", default=ASSIGNMENTS)
    parser.add_argument("--out", type=Path)
    study(parser.parse_args())


if __name__ == "__main__":
    main()
