"""Pictures as SVG, drawn on this machine: a range is a band with a line, what happened ink dots.

Colours are the tokens of the house, written as CSS variables with their light value behind them, so that a page
that defines the variables, and a file that is opened by itself, both show the right ones, dark included.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import altair as alt
import vl_convert

from karma_core.money import in_words

LIGHT = {
    "card": "#FFFFFF",
    "line": "#DDD6C8",
    "ink": "#22272B",
    "soft": "#5A625F",
    "accent": "#0F5C6E",
    "tint": "#C9DFE4",
    "mark": "#8A5A00",
}
DARK = {
    "card": "#1D2327",
    "line": "#353D42",
    "ink": "#ECE7DC",
    "soft": "#A9B1AD",
    "accent": "#7CC4D4",
    "tint": "#2B4A53",
    "mark": "#E2B25C",
}
FONT = "Source Sans 3, Noto Sans, DejaVu Sans, sans-serif"
VEGA_LITE = "6.4"


@dataclass(frozen=True)
class Band:
    """One range to draw: a label, the middle line and the ends of the band, in cents, and the middle in words."""

    label: str
    low_cents: int
    mean_cents: int
    high_cents: int
    said: str


@dataclass(frozen=True)
class Mark:
    """An amount that stands beside the range, such as last year's."""

    label: str
    cents: int


@dataclass(frozen=True)
class Rhythm:
    """One customer's row: the days they bought, and the days between which their next order was likely."""

    customer: str
    bought_on: Sequence[date]
    due_from: date
    due_until: date


def plan_picture(
    bands: Sequence[Band], marks: Sequence[Mark], *, title: str, currency: str | None, language: str
) -> str:
    """Draw each range as a band with a line on one axis of money, the marks as labelled rules; return SVG."""
    rows = [
        {
            "label": band.label,
            "low": band.low_cents / 100,
            "middle": band.mean_cents / 100,
            "high": band.high_cents / 100,
            "said": band.said,
        }
        for band in bands
    ]
    y = alt.Y(
        "label:N", sort=None, title=None, axis=alt.Axis(labelLimit=260, labelPadding=12, domain=False, ticks=False)
    )
    scale = alt.Scale(zero=False, nice=True)
    base = alt.Chart(alt.InlineData(values=rows))
    x = alt.X("low:Q", title=None, scale=scale, axis=_money_axis(currency, language))
    layers: list[alt.Chart] = [
        base.mark_bar(height=18, cornerRadius=4, color=LIGHT["tint"]).encode(x=x, x2="high:Q", y=y),
        base.mark_tick(thickness=3, size=26, opacity=1, color=LIGHT["accent"]).encode(x=alt.X("middle:Q"), y=y),
        base.mark_text(align="left", dx=8, fontSize=13, color=LIGHT["ink"]).encode(x="high:Q", y=y, text="said:N"),
    ]
    layers += [layer for i, mark in enumerate(marks) for layer in _mark(mark, step=i)]
    chart = alt.layer(*layers).properties(width=520, height=alt.Step(44), title=_title(title))
    return _svg(chart, label=title)


def record_picture(places: Sequence[float], *, title: str, axis: str, expected: str) -> str:
    """Draw how many earlier plans ended in each fifth of their range, beside an even share; return SVG."""
    fifths = [sum(1 for place in places if min(int(place * 5), 4) == i) for i in range(5)]
    rows = [{"fifth": f"{20 * i}-{20 * (i + 1)}", "plans": count} for i, count in enumerate(fifths)]
    even = [{"even": len(places) / 5, "said": expected}]
    level = alt.Chart(alt.InlineData(values=even))
    x = alt.X("fifth:N", sort=None, title=axis, axis=alt.Axis(labelAngle=0, ticks=False))
    y = alt.Y("plans:Q", title=None, axis=alt.Axis(tickMinStep=1, gridColor=LIGHT["line"]))
    chart = alt.layer(
        alt.Chart(alt.InlineData(values=rows)).mark_bar(cornerRadius=4, color=LIGHT["tint"]).encode(x=x, y=y),
        level.mark_rule(color=LIGHT["mark"], strokeDash=[4, 3], strokeWidth=1.5).encode(y="even:Q"),
        level.mark_text(align="left", dx=4, dy=-7, x=0, color=LIGHT["mark"], fontSize=12).encode(
            y="even:Q", text="said:N"
        ),
    )
    return _svg(chart.properties(width=420, height=220, title=_title(title)), label=title)


def rhythm_picture(rows: Sequence[Rhythm], *, as_of: date, title: str, today: str) -> str:
    """Draw one row per customer: dots for purchase days, a band where the next order was likely; return SVG."""
    dots = [{"customer": row.customer, "on": on.isoformat()} for row in rows for on in row.bought_on]
    due = [
        {"customer": row.customer, "from": row.due_from.isoformat(), "until": row.due_until.isoformat()}
        for row in rows
    ]
    order = [row.customer for row in rows]
    y = alt.Y(
        "customer:N",
        sort=order,
        title=None,
        axis=alt.Axis(labelLimit=240, labelPadding=12, grid=True, domain=False, ticks=False),
    )
    axis = alt.Axis(format="%m-%Y", labelColor=LIGHT["soft"], grid=False, tickCount=6)
    now = [{"on": as_of.isoformat(), "said": today}]
    chart = alt.layer(
        alt.Chart(alt.InlineData(values=due))
        .mark_bar(height=14, cornerRadius=4, color=LIGHT["tint"])
        .encode(x=alt.X("from:T", title=None, axis=axis), x2="until:T", y=y),
        alt.Chart(alt.InlineData(values=dots))
        .mark_circle(size=34, color=LIGHT["ink"], opacity=1)
        .encode(x="on:T", y=y),
        alt.Chart(alt.InlineData(values=now)).mark_rule(color=LIGHT["accent"], strokeWidth=1.5).encode(x="on:T"),
        alt.Chart(alt.InlineData(values=now))
        .mark_text(align="right", dx=-5, y=-6, color=LIGHT["accent"], fontSize=12)
        .encode(x="on:T", text="said:N"),
    )
    return _svg(chart.properties(width=560, height=alt.Step(30), title=_title(title)), label=title)


def _mark(mark: Mark, *, step: int) -> list[alt.Chart]:
    data = alt.Chart(alt.InlineData(values=[{"at": mark.cents / 100, "said": mark.label}]))
    rule = data.mark_rule(color=LIGHT["mark"], strokeDash=[4, 3], strokeWidth=1.5).encode(x="at:Q")
    text = data.mark_text(align="left", dx=4, y=-12 - 15 * step, color=LIGHT["mark"], fontSize=12)
    return [rule, text.encode(x="at:Q", text="said:N")]


def _money_axis(currency: str | None, language: str) -> alt.Axis:
    thousands = "format(datum.value, ',.0f')"
    if language == "nl":
        thousands = f"replace({thousands}, /,/g, '.')"
    sign = in_words(0, currency=currency, language=language).removesuffix("0")
    return alt.Axis(
        labelExpr=f"'{sign}' + {thousands}", tickCount=5, gridColor=LIGHT["line"], labelColor=LIGHT["soft"]
    )


def _title(text: str) -> alt.TitleParams:
    lines = textwrap.wrap(text, width=72)
    return alt.TitleParams(lines, anchor="start", fontSize=15, fontWeight="normal", offset=26, color=LIGHT["ink"])


def _svg(chart: alt.LayerChart | alt.FacetChart, *, label: str) -> str:
    themed = chart.configure(background="transparent", font=FONT, padding=16).configure_view(stroke=None)
    themed = themed.configure_axis(labelFontSize=13, labelColor=LIGHT["ink"], domainColor=LIGHT["line"])
    svg = vl_convert.vegalite_to_svg(themed.to_json(), vl_version=VEGA_LITE)
    for token, colour in LIGHT.items():
        svg = svg.replace(f'"{colour}"', f'"var(--{token}, {colour})"')
    return _with_theme(svg, label=label)


def _with_theme(svg: str, *, label: str) -> str:
    """Give the file by itself its paper, its dark colours, and a name for who listens instead of looks."""
    dark = ";".join(f"--{token}:{colour}" for token, colour in DARK.items())
    style = (
        f"<style>@media (prefers-color-scheme: dark){{svg:root{{{dark};background:{DARK['card']}}}}}"
        f"svg:root{{background:var(--card,{LIGHT['card']})}}</style>"
    )
    start, rest = svg.split(">", 1)
    spoken = label.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return f'{start} role="img" aria-label="{spoken}">{style}{rest}'
