"""What must be said about a fit or a reading before anyone leans on it."""

from collections.abc import Iterator

from karma_core.rhythm.cells import Cells
from karma_core.words import Sentence

FEW_CUSTOMERS = 30
FEW_REPEATS = 50


def about_fit(cells: Cells, *, regularised: bool) -> Iterator[Sentence]:
    """Say what makes this fit uncertain: few customers, few repeat purchases, a best value at the boundary."""
    repeats = int(cells.x_counts @ cells.x_values)
    if cells.customers < FEW_CUSTOMERS:
        yield Sentence(
            f"Dit rust op {_customers_nl(cells.customers)}; de bandbreedte is daarom breed.",
            f"This rests on {_customers_en(cells.customers)}, so the range is wide.",
        )
    if repeats == 0:
        yield Sentence(
            "Nog niemand kwam terug voor een tweede aankoop; over het ritme valt weinig te zeggen.",
            "Nobody has come back for a second purchase yet; little can be said about rhythm.",
        )
    elif repeats < FEW_REPEATS:
        yield Sentence(
            f"Er zijn {repeats} herhaalaankopen; met meer wordt het beeld scherper.",
            f"There are {repeats} repeat purchases; with more the picture gets sharper.",
        )
    if regularised:
        yield Sentence(
            "De gegevens leggen het model niet helemaal vast; waar ze zwijgen, zijn gewone waarden aangehouden.",
            "The data do not settle the model completely; where they are silent, usual values were kept.",
        )


def _customers_nl(count: int) -> str:
    return "één klant" if count == 1 else f"{count} klanten"


def _customers_en(count: int) -> str:
    return "one customer" if count == 1 else f"{count} customers"
