"""From arrays of numbers to columns as systems hold them: days, cents, ids and labels."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from karma_core.simulate.customers import NEVER

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

DEAL_NUMBERS, DEAL_ORDER_NUMBERS, ORDER_NUMBERS, INVOICE_NUMBERS = 9_000_001, 7_000_001, 40_000_001, 20_000_001
PROMISE_NUMBERS, MOMENT_NUMBERS, QUOTE_NUMBERS = 300_001, 60_000_001, 800_001


def days(values: Ints) -> pl.Series:
    """Day numbers as dates; those far away are null.

    >>> days(np.array([0, NEVER])).to_list()
    [datetime.date(1970, 1, 1), None]
    """
    frame = pl.DataFrame({"on": values.astype(np.int64)})
    date = pl.col("on").cast(pl.Int32).cast(pl.Date)
    return frame.select(pl.when(pl.col("on").abs() < NEVER).then(date).alias("on"))["on"]


def cents(euros: Floats) -> pl.Series:
    """Euros as integer cents.

    >>> cents(np.array([12.345, -1.0])).to_list()
    [1234, -100]
    """
    return pl.Series(np.round(euros * 100).astype(np.int64))


def ids(numbers: Ints, *, above: int) -> pl.Series:
    """Numbers as ids from `above` on; negative ones are null.

    >>> ids(np.array([2, -1]), above=100).to_list()
    ['102', None]
    """
    frame = pl.DataFrame({"n": numbers.astype(np.int64)})
    text = (pl.col("n") + above).cast(pl.String)
    return frame.select(pl.when(pl.col("n") >= 0).then(text).alias("n"))["n"]


def labels(values: Sequence[str], at: Ints) -> pl.Series:
    """The value at each place; a negative place is null.

    >>> labels(["a", "b"], np.array([1, -1])).to_list()
    ['b', None]
    """
    return pl.Series([*values, None], dtype=pl.String).gather(np.where(at < 0, len(values), at))
