"""A plan reading in little room, and back: a document that is plain JSON, and the draws as bytes."""

import itertools
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from karma_core.errors import KarmaError
from karma_core.periods import Period
from karma_core.reach.reading import (
    BY_CUSTOMER,
    BY_DEAL,
    Cents,
    CustomerPlans,
    Draws,
    FanPoint,
    Held,
    PlanReading,
)

FORM = 1
KEPT_ROWS = 1000
"""Of the customers and the deals so many are kept, those with the largest expectations."""

FINENESS = 128.0
"""A cell's draws are kept to so small a part of their own spread."""


class StoredError(KarmaError):
    """A stored reading that was written in another form."""


def to_stored(reading: PlanReading) -> tuple[dict[str, Any], bytes]:
    """A reading as a JSON-able document and a block of bytes: some 60 kB, at most a few hundred.

    What is read off the total or a source (`quantiles_cents`, `chance_of`, `mean_cents`, `sources`) is the same to
    the cent after `from_stored`. A segment's draws are kept to 1/128 of their spread, in such a way that they
    still add up to their source. Of `customers` and `deals` the 1,000 largest rows are kept.

    >>> reading = PlanReading(Period(date(2026, 1, 1), date(2026, 4, 1)), date(2026, 1, 1), "margin", 0,
    ...     Draws(("existing_customers",), (None,), np.array([[100, 200, 300, 401]])))
    >>> said, block = to_stored(reading)
    >>> back = from_stored(said, block)
    >>> back.quantiles_cents == reading.quantiles_cents, back.chance_of(401), said["as_of"]
    (True, 0.25, '2026-01-01')
    """
    cents = reading.draws.cents
    step = _steps(cents)
    coarse = np.rint(cents / step[:, None]).astype(np.int64)
    sources = tuple(dict.fromkeys(reading.draws.sources))
    rest = np.array([_of(reading.draws.sources, source, cents - coarse * step[:, None]) for source in sources])
    blocks = [
        _packed(coarse),
        _packed(rest),
        _table(reading.customers, BY_CUSTOMER),
        _table(reading.deals, BY_DEAL),
    ]
    said = {
        "form": FORM,
        "period": [f"{reading.period.start}", f"{reading.period.end}"],
        "as_of": f"{reading.as_of}",
        "measure": reading.measure,
        "realised_cents": reading.realised_cents,
        "last_year_cents": reading.last_year_cents,
        "missing": list(reading.missing),
        "warnings": list(reading.warnings),
        "core_version": reading.core_version,
        "fan": [asdict(point) | {"until": f"{point.until}"} for point in reading.fan],
        "sources": list(reading.draws.sources),
        "segments": list(reading.draws.segments),
        "steps": step.tolist(),
        "draws": int(cents.shape[1]),
        "lengths": [len(block) for block in blocks],
        "customer_plans": None if reading.customer_plans is None else asdict(reading.customer_plans),
        "held": [asdict(bound) for bound in reading.held],
    }
    return said, b"".join(blocks)


def from_stored(said: Mapping[str, Any], block: bytes) -> PlanReading:
    """The reading that `to_stored` took apart. Raises StoredError for another form."""
    if said.get("form") != FORM:
        raise StoredError(
            "This reading was stored in another form. Work it out again.",
            nl="Deze verwachting is in een andere vorm bewaard. Reken haar opnieuw uit.",
        )
    ends = np.cumsum([0, *said["lengths"]]).tolist()
    coarse, rest, customers, deals = (block[a:b] for a, b in itertools.pairwise(ends))
    cents = _unpacked(coarse, said["draws"]) * np.array(said["steps"], dtype=np.int64)[:, None]
    for source, left in zip(dict.fromkeys(said["sources"]), _unpacked(rest, said["draws"]), strict=True):
        cents[_widest(said["sources"], said["steps"], source)] += left
    return PlanReading(
        period=Period(*(date.fromisoformat(day) for day in said["period"])),
        as_of=date.fromisoformat(said["as_of"]),
        measure=said["measure"],
        realised_cents=said["realised_cents"],
        draws=Draws(tuple(said["sources"]), tuple(said["segments"]), cents),
        last_year_cents=said["last_year_cents"],
        missing=tuple(said["missing"]),
        warnings=tuple(said["warnings"]),
        core_version=said["core_version"],
        fan=tuple(_point(point) for point in said["fan"]),
        customers=pl.read_ipc(BytesIO(customers)),
        deals=pl.read_ipc(BytesIO(deals)),
        customer_plans=CustomerPlans(**said["customer_plans"]) if said.get("customer_plans") else None,
        held=tuple(Held(**bound) for bound in said.get("held", ())),
    )


def _steps(cents: Cents) -> Cents:
    """Per cell the step that its draws are kept to: a power of two, at least a cent."""
    spread = cents.std(axis=1) / FINENESS
    return np.asarray(np.exp2(np.floor(np.log2(np.maximum(spread, 1.0)))), dtype=np.int64)


def _of(names: tuple[str, ...], source: str, cells: Cents) -> Cents:
    return np.asarray(cells[[name == source for name in names]].sum(axis=0))


def _widest(sources: list[str], steps: list[int], source: str) -> int:
    """The cell of a source that strays most: it carries what the others lost by rounding."""
    return max((i for i, name in enumerate(sources) if name == source), key=lambda i: steps[i])


def _packed(rows: Cents) -> bytes:
    """Whole numbers in little room: byte by byte, the high bytes of all numbers together, compressed."""
    planes = np.ascontiguousarray(rows.astype("<i8")).view(np.uint8).reshape(-1, 8).T
    return zlib.compress(planes.tobytes(), 6)


def _unpacked(block: bytes, draws: int) -> NDArray[np.int64]:
    planes = np.frombuffer(zlib.decompress(block), dtype=np.uint8).reshape(8, -1)
    return np.ascontiguousarray(planes.T).view("<i8").reshape(-1, draws).astype(np.int64)


def _table(rows: pl.DataFrame, schema: Mapping[str, Any]) -> bytes:
    by_size = rows.sort(pl.col("expected_cents").abs(), descending=True, maintain_order=True).head(KEPT_ROWS)
    kept = by_size.sort("expected_cents", descending=True, maintain_order=True).select(list(schema))
    into = BytesIO()
    kept.write_ipc(into, compression="zstd")
    return into.getvalue()


def _point(said: Mapping[str, Any]) -> FanPoint:
    sources = tuple((source, cents) for source, cents in said["sources"])
    return FanPoint(**{**said, "until": date.fromisoformat(said["until"]), "sources": sources})
