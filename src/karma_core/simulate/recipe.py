"""What is to be simulated: size, period, seed, and the family of worlds that it comes from."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from karma_core.errors import KarmaError
from karma_core.frames import day_number
from karma_core.periods import year_earlier

FAMILIES: dict[str, str] = {
    "plain": "The world as the documentation describes it.",
    "shock": "From the event the market stands 35% lower, and it comes back in a straight line over a year.",
    "trend_break": "From the event the market falls by 20% a year, on top of its own path.",
    "heavy_tails": "Sizes of customers, orders and projects keep their mean and get far heavier tails.",
    "price_rise": "From the event our costs are 10% higher; selling prices of new orders follow by 6% after "
    "60 days, and what was signed before is delivered at the old price.",
    "seller_leaves": "At the event the account manager with most customers leaves: nobody takes over for 90 "
    "days, what is left of those customers' lifetimes is a third, and 4 in 10 of the wins under way are lost.",
}
"""Each family of worlds and the one way in which it differs from `plain`. Frozen before the models."""

ASSIGNMENTS = ("even", "confounded")
SMALLEST_COMPANY, FEWEST_CUSTOMERS = 9, 10
FIRST_YEAR, LAST_YEAR = 1995, 2200
EVENT_BEFORE_END_DAYS = 180


class SimulateError(KarmaError):
    """A company that cannot be simulated."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what company comes out.

    `ends_on` is the as-of date: only facts dated before it exist. `people` None means in proportion to the
    customers. `skill_sd` is the true spread of sellers on the log-odds of winning (0: nobody differs).
    `assignment` "confounded" gives the good leads to the good sellers. `event_on` is when the family's change
    happens; None means 180 days before the end.
    """

    ends_on: date
    customers: int = 1500
    people: int | None = None
    years: int = 3
    seed: int = 1
    family: str = "plain"
    skill_sd: float = 0.3
    assignment: str = "even"
    event_on: date | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated, all at once."""
        faults = self._faults()
        if faults:
            raise SimulateError(" ".join(en for en, _ in faults), nl=" ".join(nl for _, nl in faults))

    def _faults(self) -> list[tuple[str, str]]:
        families, few = ", ".join(FAMILIES), SMALLEST_COMPANY
        wrong = (
            (
                self.family not in FAMILIES,
                f'There is no family "{self.family}"; choose one of {families}.',
                f'Er is geen soort wereld "{self.family}"; kies uit {families}.',
            ),
            (
                self.assignment not in ASSIGNMENTS,
                f'There is no assignment "{self.assignment}"; choose even or confounded.',
                f'Er is geen verdeling "{self.assignment}"; kies even of confounded.',
            ),
            (
                self.customers < FEWEST_CUSTOMERS,
                f"A company needs at least {FEWEST_CUSTOMERS} customers.",
                f"Een bedrijf heeft minstens {FEWEST_CUSTOMERS} klanten nodig.",
            ),
            (
                self.head_count < few,
                f"A company needs at least {few} people.",
                f"Een bedrijf heeft minstens {few} mensen nodig.",
            ),
            (not 1 <= self.years <= 20, "Simulate from 1 to 20 years.", "Simuleer 1 tot en met 20 jaar."),
            (
                not 0 <= self.skill_sd <= 3,
                "The spread of skill lies between 0 and 3.",
                "De spreiding in vaardigheid ligt tussen 0 en 3.",
            ),
            (self.seed < 0, "A seed is a whole number from 0.", "Een seed is een geheel getal vanaf 0."),
            (
                not FIRST_YEAR <= self.ends_on.year <= LAST_YEAR,
                f"The last day lies between {FIRST_YEAR} and {LAST_YEAR}.",
                f"De laatste dag ligt tussen {FIRST_YEAR} en {LAST_YEAR}.",
            ),
        )
        return [(en, nl) for is_wrong, en, nl in wrong if is_wrong]

    @property
    def head_count(self) -> int:
        """The number of people: as asked, or one to a hundred customers and nine."""
        return SMALLEST_COMPANY + self.customers // 100 if self.people is None else self.people

    @property
    def starts_on(self) -> date:
        """The first day with purchases.

        >>> Recipe(ends_on=date(2026, 11, 22)).starts_on
        datetime.date(2023, 11, 22)
        """
        day = self.ends_on
        for _ in range(self.years):
            day = year_earlier(day)
        return day

    @property
    def event_day(self) -> int:
        """The day number at which the family's change happens."""
        if self.event_on is None:
            return day_number(self.ends_on) - EVENT_BEFORE_END_DAYS
        return day_number(self.event_on)


PARTS = (
    "people",
    "customers",
    "names",
    "market",
    "responsibility",
    "deals",
    "history",
    "orders",
    "credits",
    "counter",
    "deliveries",
    "promises",
    "moments",
    "plans",
    "contacts",
    "family",
    "mirror",
)


def streams(seed: int) -> dict[str, np.random.Generator]:
    """One independent stream of chance for each part, all from one seed.

    A family that draws more in one part therefore leaves the others as they are.

    >>> a, b = streams(1), streams(1)
    >>> a["deals"].integers(1000) == b["deals"].integers(1000)
    np.True_
    """
    return dict(zip(PARTS, np.random.default_rng(seed).spawn(len(PARTS)), strict=True))
