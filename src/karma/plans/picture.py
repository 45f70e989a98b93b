"""The plan as a picture: a band with a line, marks with a label each, and ink for what is realised."""

from collections.abc import Sequence
from dataclasses import dataclass

from karma.plans.ruler import Ruler, Tick, ruler_for, ticks_of

ROW = 26
BAND = 34
REACH = 1.5
"""How many widths of the band beyond it an amount still stretches the picture; one further lies at the edge."""


@dataclass(frozen=True)
class Mark:
    """An amount beside the range: `kind` is `middle`, `beside`, `own` or `ink`."""

    kind: str
    label: str
    cents: int


@dataclass(frozen=True)
class Placed:
    """A mark where the picture shows it."""

    kind: str
    label: str
    x: str
    text_x: str
    anchor: str
    y: int
    top: int


@dataclass(frozen=True)
class Picture:
    """Everything that the template draws; heights in pixels, widths in percentages."""

    height: int
    band_y: int
    band_x: str
    band_width: str
    axis_y: int
    marks: list[Placed]
    ticks: list[Tick]

    @property
    def bottom(self) -> int:
        return self.band_y + BAND

    @property
    def centre(self) -> int:
        return self.band_y + BAND // 2

    @property
    def tick_y(self) -> int:
        return self.axis_y + 20


def picture_of(low: int, high: int, marks: Sequence[Mark], *, currency: str) -> Picture:
    """Lay out a band and its marks; each mark has a row of its own above the band, so no labels meet."""
    reach = round(REACH * max(high - low, 1))
    near = [min(max(mark.cents, low - reach), high + reach) for mark in marks if mark.kind != "ink"]
    ruler = ruler_for([low, high, *near, *(mark.cents for mark in marks if mark.kind == "ink")])
    placed = _placed(marks, ruler)
    band_y = len(marks) * ROW + 6
    axis_y = band_y + BAND + 10
    return Picture(
        height=axis_y + 28,
        band_y=band_y,
        band_x=ruler.at(low),
        band_width=ruler.between(low, high),
        axis_y=axis_y,
        marks=placed,
        ticks=ticks_of(ruler, currency),
    )


def _placed(marks: Sequence[Mark], ruler: Ruler) -> list[Placed]:
    """On the left half labels stand to the right of their line, from the top down; on the right half mirrored."""
    ordered = sorted(marks, key=lambda mark: mark.cents)
    left = [mark for mark in ordered if ruler.share(mark.cents) <= 50]
    right = [mark for mark in reversed(ordered) if ruler.share(mark.cents) > 50]
    return [_place(mark, ruler, row) for row, mark in enumerate([*left, *right])]


def _place(mark: Mark, ruler: Ruler, row: int) -> Placed:
    share = ruler.share(mark.cents)
    is_left = share <= 50
    return Placed(
        kind=mark.kind,
        label=mark.label,
        x=ruler.at(mark.cents),
        text_x=f"{share + (0.9 if is_left else -0.9):.1f}%",
        anchor="start" if is_left else "end",
        y=row * ROW + 18,
        top=row * ROW + 6,
    )
