"""The example on the pages about the mirror: a team in which nobody differs, and a raw table that says otherwise.

    python bench/mirror_example.py --language nl

The good leads go to some, the poor leads to others (karma_core.simulate.mirror_deals, skill_sd 0, "confounded").
"""

import argparse

import numpy as np

from karma_core.mirror import Question, Shows, look_in_mirror
from karma_core.simulate.mirror import mirror_deals

QUESTION = Question(
    "outcome", won="won", lost="lost", person="person", mix=("segment", "source"), numeric=("size",)
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", choices=["nl", "en"], default="nl")
    parser.add_argument("--seed", type=int, default=27)
    asked = parser.parse_args()
    deals = mirror_deals(
        seed=asked.seed, people=8, segments=6, deals=1600, skill_sd=0, assignment="confounded"
    ).deals
    mirror = look_in_mirror(deals, QUESTION, shows=Shows(everybody=True), rng=np.random.default_rng(1))
    for person in mirror.won.people:
        team = person.raw_rate - person.difference
        calls = abs(person.difference) > 1.96 * np.sqrt(team * (1 - team) / person.n)
        mix = " ".join(f"{name} {value:+.2f}" for name, value in person.from_mix.items())
        own = f"person {person.from_person:+.2f} ({person.low:+.2f} to {person.high:+.2f})"
        chance = f"chance {person.from_chance:+.2f} of about {person.chance_sd:.2f}"
        said = f"raw table {'differs' if calls else 'same'}, mirror {person.verdict}"
        won = f"{person.n} deals, won {person.raw_rate:.2f}, expected {person.expected_rate:.2f}"
        print(f"{person.person}: {won} ({mix}), {own}, {chance}; {said}")
        print(f"    {person.sentence.say(asked.language)}")
    shares = mirror.won.shares
    for name, share in {"person": shares.person, **shares.mix, "chance": shares.chance}.items():
        print(f"{name}: {100 * share.value:.0f} in 100 ({100 * share.low:.0f} to {100 * share.high:.0f})")


if __name__ == "__main__":
    main()
