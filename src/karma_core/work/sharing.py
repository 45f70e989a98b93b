"""Customers whom nobody in particular answers for are proposed to one person at a time."""

from collections.abc import Sequence
from datetime import date

from karma_core.work.lots import lot


def whose_turn(customer: str, people: Sequence[str], *, on: date) -> str | None:
    """The one of a team to whom a customer without a person is proposed in the week of a day; None without people.

    Each week anew, so that nobody is left with the same customers for ever; within the week a newcomer takes over
    some customers and moves no others. Who has how many plays no part. Source: highest random weight, Thaler and
    Ravishankar (1998).

    >>> people = ["anna", "saskia", "marijke"]
    >>> whose_turn("De Vries", people, on=date(2026, 3, 9)) == whose_turn("De Vries", people, on=date(2026, 3, 13))
    True
    >>> whose_turn("De Vries", [], on=date(2026, 3, 9)) is None
    True
    """
    year, week, _ = on.isocalendar()
    return max(people, key=lambda person: (lot(f"{year}-{week} {person}", customer), person), default=None)
