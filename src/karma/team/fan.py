"""The way through a period as a picture: ink for what is realised, a band with a line for what is expected.

Shapes stand in a square of 1000 by 1000 that stretches with the screen; words stand beside it in percentages, so
that letters keep their size on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format

from karma.plans.ruler import percent
from karma.readings.amounts import exactly

SIDE = 1000
PLOT = 78.0
"""The share of the width for the plot; the rest is for the words at its right end."""
HEIGHT = 200
TOP = 12
LINES = 4


@dataclass(frozen=True)
class Point:
    """What is known or expected at a day: amounts in cents."""

    on: date
    low: int
    middle: int
    high: int
    realised: int | None = None


@dataclass(frozen=True)
class Label:
    """A word beside the plot."""

    text: str
    x: str
    y: int
    anchor: str = "start"
    kind: str = "soft"


@dataclass(frozen=True)
class Fan:
    """Everything that the template draws."""

    band: str
    line: str
    ink: str
    dots: tuple[tuple[str, int], ...]
    level: int | None
    level_y: int
    today_x: str
    levels: tuple[int, ...]
    labels: tuple[Label, ...]
    height: int = TOP + HEIGHT + 34
    plot: str = percent(PLOT)
    plot_top: int = TOP
    plot_height: int = HEIGHT


@dataclass(frozen=True)
class _Axes:
    first: date
    days: int
    low: int
    high: int

    def x(self, on: date) -> int:
        return round(SIDE * (on - self.first).days / max(self.days, 1))

    def y(self, cents: int) -> int:
        return round(SIDE * (1 - (cents - self.low) / max(self.high - self.low, 1)))

    def x_of(self, on: date) -> str:
        return percent(self.x(on) / SIDE * PLOT)

    def y_of(self, cents: int) -> int:
        return TOP + round(self.y(cents) / SIDE * HEIGHT)

    def at(self, on: date, cents: int) -> str:
        return f"{self.x(on)},{self.y(cents)}"


def fan_of(
    points: Sequence[Point],
    *,
    as_of: date,
    marked: int | None,
    words: dict[str, str],
    currency: str,
    from_zero: bool,
) -> Fan:
    """Lay out points in order of day; `marked` is an amount to compare with, `words` names it and the `middle`."""
    axes = _axes(points, marked, from_zero=from_zero)
    ahead = [point for point in points if point.realised is None or point.on == as_of] or list(points)
    done = [point for point in points if point.realised is not None]
    there_and_back = [axes.at(point.on, point.high) for point in ahead]
    there_and_back += [axes.at(point.on, point.low) for point in reversed(ahead)]
    levels = _levels(axes)
    return Fan(
        band=" ".join(there_and_back),
        line=" ".join(axes.at(point.on, point.middle) for point in ahead),
        ink=" ".join(axes.at(point.on, point.realised or 0) for point in done),
        dots=tuple((axes.x_of(point.on), axes.y_of(point.realised or 0)) for point in done[-1:]),
        level=None if marked is None else axes.y(marked),
        level_y=0 if marked is None else axes.y_of(marked),
        today_x=axes.x_of(as_of),
        levels=tuple(axes.y(cents) for cents in levels),
        labels=(
            *_amounts(axes, levels, currency),
            *_now(done[-1:], axes, words.get("done", "")),
            *_ends(points[-1], axes, marked, words),
            *_days(points, axes),
        ),
    )


def _axes(points: Sequence[Point], marked: int | None, *, from_zero: bool) -> _Axes:
    amounts = [amount for point in points for amount in (point.low, point.high)]
    amounts += [marked] if marked is not None else []
    low = min(0, *amounts) if from_zero else min(amounts)
    high = max(amounts)
    spare = max(round((high - low) * 0.06), 100)
    return _Axes(
        points[0].on, (points[-1].on - points[0].on).days, low - (0 if from_zero else spare), high + spare
    )


def _levels(axes: _Axes) -> list[int]:
    """Round amounts for faint lines across the plot."""
    width = axes.high - axes.low
    step = next(f * 10**p for p in range(2, 17) for f in (1, 2, 5) if width / (f * 10**p) <= LINES)
    return [n * step for n in range(-(-axes.low // step), axes.high // step + 1)]


def _amounts(axes: _Axes, levels: Sequence[int], currency: str) -> list[Label]:
    shown = [cents for cents in levels if cents]
    return [Label(exactly(cents, currency), "0%", axes.y_of(cents) - 4, "start", "tick") for cents in shown]


def _now(done: Sequence[Point], axes: _Axes, text: str) -> list[Label]:
    """What is realised, beside its dot."""
    return [
        Label(text, axes.x_of(point.on), axes.y_of(point.realised or 0) - 12, _side(axes, point.on), "ink")
        for point in done
    ]


def _side(axes: _Axes, on: date) -> str:
    return "end" if axes.x(on) > SIDE / 3 else "start"


def _ends(last: Point, axes: _Axes, marked: int | None, words: dict[str, str]) -> list[Label]:
    """The words at the right end, moved apart where they would meet."""
    wanted = [("middle", words["middle"], axes.y_of(last.middle))]
    if marked is not None:
        wanted.append(("beside", words["marked"], axes.y_of(marked)))
    wanted.sort(key=lambda each: each[2])
    placed, free = [], 0
    for kind, text, y in wanted:
        y = max(y, free)
        lines = text.split("\n")
        placed += [
            Label(line, percent(PLOT + 1.5), y + 4 + 16 * number, "start", kind)
            for number, line in enumerate(lines)
        ]
        free = y + 16 * len(lines) + 4
    return placed


def _days(points: Sequence[Point], axes: _Axes) -> list[Label]:
    """First and last day, and the firsts of months between that have room."""
    first, last = points[0].on, points[-1].on
    starts = [first, *(day for day in _months(first, last) if 0.2 * SIDE < axes.x(day) < 0.8 * SIDE), last]
    y = TOP + HEIGHT + 22
    shown = [starts[0], *starts[1:-1][:: max(1, len(starts) // 4)], starts[-1]]
    anchors = ["start", *["middle"] * (len(shown) - 2), "end"]
    return [
        Label(date_format(day, "j b"), axes.x_of(day), y, anchor, "tick")
        for day, anchor in zip(shown, anchors, strict=True)
    ]


def _months(first: date, last: date) -> list[date]:
    days = (first + timedelta(days=n) for n in range((last - first).days))
    return [day for day in days if day.day == 1 and day != first]
