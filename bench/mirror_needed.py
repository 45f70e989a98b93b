"""Is "about N more deals" true? A person who is not told gets so many more, and is looked at again.

    python bench/mirror_needed.py --companies 40

Companies of bench/mirror_shapes.py (30 persons, 3,000 deals, spread .4). The further deals are of the kinds that
the person had, won with the chance that the mirror then gives that person: it promises to tell if the difference
is as large as it now seems. Of the first three persons of each company who hear a number: how many are told then.
"""

import argparse
import json

import numpy as np
import polars as pl
from mirror_shapes import company, names
from scipy.special import expit

from karma_core.effects.design import Floats
from karma_core.mirror.material import Material, read_material
from karma_core.mirror.model import fit_model
from karma_core.mirror.overlap import overlap_of
from karma_core.mirror.parts import parts_of
from karma_core.mirror.people import CANNOT_TELL, deals_needed, differences, more_needed, verdicts
from karma_core.mirror.sentences import MANY

EACH = 3


def read(frame: pl.DataFrame) -> Material:
    columns = {"person": "person", "mix": ["segment", "source"], "numeric": ["size"]}
    return read_material(frame, frame["won"].to_numpy().astype(float), is_amount=False, **columns).material


def look(frame: pl.DataFrame) -> tuple[Material, list[str], Floats, list[int | None]]:
    """The verdicts, each deal's chance as the mirror then sees it, and how many more deals each person needs."""
    model = fit_model(read(frame))
    found, overlap, parts = differences(model), overlap_of(model), parts_of(model)
    said, needed = verdicts(model, found, overlap), deals_needed(model, found, overlap)
    chances = expit(parts.linear + found.mean[model.material.person.codes])
    more = [
        more_needed(float(n), verdict=word, hidden_by=hidden)
        for n, word, hidden in zip(needed, said, overlap.hidden_by, strict=True)
    ]
    return model.material, said, chances, more


def study(companies: int, first_seed: int) -> dict[str, object]:
    asked = told = 0
    numbers = []
    for seed in range(first_seed, first_seed + companies):
        rng = np.random.default_rng([seed, 9])
        world = company(rng, spread=0.4)
        won = rng.random(len(world.person)) < expit(world.mix + world.effects[world.person])
        frame = pl.DataFrame(
            {"person": names(world.person), "won": won.astype(int), **world.numbers}
        ).with_columns(*(pl.Series(name, codes.astype(str)) for name, codes in world.labels.items()))
        material, _, chances, more = look(frame)
        for i in [i for i, number in enumerate(more) if number and number <= MANY][:EACH]:
            picked = rng.choice(np.flatnonzero(material.person.codes == i), more[i])
            further = frame[picked].with_columns(won=(rng.random(len(picked)) < chances[picked]).astype(np.int64))
            asked, numbers = asked + 1, [*numbers, more[i]]
            told += look(pl.concat([frame, further]))[1][i] != CANNOT_TELL
    return {"asked": asked, "told": told, "middle_number": float(np.median(numbers))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=40)
    parser.add_argument("--first-seed", type=int, default=95_000)
    asked = parser.parse_args()
    print(json.dumps(study(asked.companies, asked.first_seed)))


if __name__ == "__main__":
    main()
