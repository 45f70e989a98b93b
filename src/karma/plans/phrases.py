"""Sentences about a plan, in the reader's language. Amounts and chances come in as they are said."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from karma.readings.amounts import exactly
from karma.readings.enums import Measure
from karma.readings.phrases import reader
from karma_core.periods import Period
from karma_core.reach.phrases import in_words as code_in_words

FEWEST_TO_JUDGE = 5
"""With fewer earlier quarters nothing is said of how good the range is."""


def headline(middle: str, sixty: str, *, measure: str) -> str:
    """What can be expected: the middle, and what is reached 6 times in 10."""
    said = {"middle": middle, "sixty": sixty}
    if measure == Measure.REVENUE:
        return _("We can expect about %(middle)s of revenue; 6 times in 10 it will be more than %(sixty)s.") % said
    return _("We can expect about %(middle)s of margin; 6 times in 10 it will be more than %(sixty)s.") % said


def source_words(source: str) -> str:
    """What a source of the expectation is called."""
    return {
        "existing_customers": _("customers who already buy from us"),
        "open_deals": _("deals that are open now"),
        "new_business": _("new customers and deals still to come"),
        "margin_loss": _("lost after the signature"),
    }[source]


def segment_words(segment: str | None) -> str:
    return segment or _("segment not known")


def period_words(period: Period) -> str:
    """A period as people name it: 2026, October to December 2026, or its first and last day."""
    first, last = period.start, period.end - timedelta(days=1)
    if period.start.day != 1 or period.end.day != 1:
        named = {"first": date_format(first, "j F Y"), "last": date_format(last, "j F Y")}
        return _("%(first)s to %(last)s") % named
    if (first.year, first.month, last.month) == (last.year, 1, 12):
        return str(first.year)
    begins = date_format(first, "F" if first.year == last.year else "F Y")
    return _("%(first)s to %(last)s") % {"first": begins, "last": date_format(last, "F Y")}


def day_words(day: date) -> str:
    return date_format(day, "j F")


def last_year_sentence(amount: str, chance: str) -> str:
    return _("Last year it was %(amount)s. The chance that we reach that is %(chance)s.") % {
        "amount": amount,
        "chance": chance,
    }


def plus_10_sentence(amount: str, chance: str) -> str:
    return _("Last year plus 10%% is %(amount)s. The chance that we reach that is %(chance)s.") % {
        "amount": amount,
        "chance": chance,
    }


def own_sentence(amount: str, chance: str) -> str:
    return _("The chance that we reach %(amount)s is %(chance)s.") % {"amount": amount, "chance": chance}


def growth_sentence(share: float | None) -> str:
    """What would have to be true for an amount above the middle: how much more than what is still expected."""
    if share is None or share < 0.005:
        return ""
    if share >= 1:
        return _("For that, more than twice as much would have to come as we still expect.")
    percentage = {"percentage": max(round(share * 100), 1)}
    return _("For that, what is still to come would have to be %(percentage)s%% more than we expect.") % percentage


def evidence_sentence() -> str:
    """Which evidence an amount above the expectation would need, and does not have here."""
    return _(
        "There is no evidence for that here yet. It could come from figures on the market, or from the year plans "
        "of customers."
    )


def most_of_it_sentence(source: str, more: str) -> str:
    """Where most of the difference comes from in the futures that end nearest to an amount."""
    sentences = {
        "existing_customers": _("Most of it would come from customers who already buy: %(more)s more."),
        "open_deals": _("Most of it would come from deals that are open now: %(more)s more."),
        "new_business": _("Most of it would come from new business: %(more)s more."),
        "margin_loss": _("Most of it would come from less loss after the signature: %(more)s."),
    }
    return sentences[source] % {"more": more}


def record_sentences(record: Mapping[str, Any]) -> list[str]:
    """How good earlier expectations turned out, or that nobody can say so yet."""
    plans, inside = int(record.get("plans") or 0), int(record.get("inside_80") or 0)
    if not record:
        return [_("There is no record yet. How good earlier expectations would have been is worked out apart.")]
    if not plans:
        return [
            _("There is no record yet: no period has ended of which we could say beforehand what it would be."),
        ]
    said = {"plans": number_words(plans), "inside": number_words(inside)}
    first = ngettext(
        "One earlier quarter can be looked at; %(inside)s fell within the range that we would have given.",
        "Of the last %(plans)s quarters, %(inside)s fell within the range that we would have given at the time.",
        plans,
    )
    return [first % said, _judged(plans, inside, clearly_missed=float(record.get("widen_by") or 1) > 1)]


def _judged(plans: int, inside: int, *, clearly_missed: bool) -> str:
    """What so many quarters inside the range say of it."""
    fair = round(0.8 * plans)
    if plans < FEWEST_TO_JUDGE:
        return _("That is too few to judge the range by.")
    if inside >= fair:
        return _("A range that holds 8 times in 10 may miss twice in ten.")
    wanted = _("A range that holds 8 times in 10 would have held about %(times)s of them.")
    missed = (
        _("The difference is more than chance makes.")
        if clearly_missed
        else _("With so few quarters that can be chance.")
    )
    return f"{wanted % {'times': number_words(fair)}} {missed}"


def compared_sentences(record: Mapping[str, Any]) -> list[str]:
    """How sure the record is, and where plain rules came closer or less close; empty while there is none."""
    return [*_doubt(record), *_beside(record)]


def _doubt(record: Mapping[str, Any]) -> list[str]:
    share = record.get("coverage_80")
    if not share:
        return []
    low, high = (round(10 * share[end]) for end in ("low", "high"))
    if low == high:
        said = _("Segments counted too, in the long run it holds about %(times)s times in 10.")
        return [said % {"times": low}]
    said = _("Segments counted too, in the long run it may hold between %(low)s and %(high)s times in 10.")
    return [said % {"low": low, "high": high}]


def _beside(record: Mapping[str, Any]) -> list[str]:
    """The range beside last year's figure, last year plus 10% and smoothing, also where those were better."""
    pairs = (
        (_("last year's figure"), "crps_there_cents", "last_year_error_cents"),
        (_("last year + 10%"), "crps_there_cents", "plus_10_error_cents"),
        (_("exponential smoothing"), "crps_beside_smoothing_cents", "smoothing_crps_cents"),
    )
    return [
        _closer(rule, record[ours], record[theirs])
        for rule, ours, theirs in pairs
        if record.get(ours) is not None and record.get(theirs)
    ]


def _closer_by(ours: float, theirs: float) -> int:
    """By how many percent of the farther one's error ours came closer; below zero where theirs did."""
    return round(100 * (1 - ours / theirs)) if ours <= theirs else -round(100 * (1 - theirs / ours))


def _closer(rule: str, ours: float, theirs: float) -> str:
    better = _closer_by(ours, theirs)
    if better == 0:
        return _("The range came as close as %(rule)s.") % {"rule": rule}
    if better > 0:
        return _("The range came %(percentage)s%% closer than %(rule)s.") % {"percentage": better, "rule": rule}
    said = {"percentage": -better, "rule": rule}
    return _("Here %(rule)s came %(percentage)s%% closer than the range.") % said


def deal_chance_sentences(deals: Mapping[str, Any]) -> list[str]:
    """How good chances of deals would have been on earlier days; empty where none could have been given."""
    if not deals.get("chances"):
        return []
    days = ngettext(
        "On one earlier day we would have said %(chances)s chances of deals.",
        "On %(days)s earlier days we would have said %(chances)s chances of deals.",
        deals["days"],
    )
    said = [days % {"days": number_words(deals["days"]), "chances": number_format(deals["chances"])}]
    if deals.get("baseline_brier"):
        said.append(_closer_chances(deals["brier"], deals["baseline_brier"]))
    return said


def _closer_chances(ours: float, theirs: float) -> str:
    better = _closer_by(ours, theirs)
    if better == 0:
        return _("They came as close as the average of such deals.")
    if better > 0:
        said = _("They came %(percentage)s%% closer than the average of such deals.")
        return said % {"percentage": better}
    said = _("The average of such deals came %(percentage)s%% closer.")
    return said % {"percentage": -better}


def ratchet_sentence(ratchet: Mapping[str, float | None], *, currency: str) -> str:
    """How far last year plus 10%, and our expectation, follow what was sold last year; empty where not known."""
    rule, own = ratchet.get("last_year_plus_10"), ratchet.get("expectation")
    if rule is None or own is None:
        return ""
    said = {"ten": exactly(10_00, currency), "rule": exactly(round(1000 * rule), currency)}
    asked = _("With %(ten)s more in this quarter last year, last year plus 10%% would ask %(rule)s more now.")
    units = round(10 * own)
    if units == 0:
        return asked % said + " " + _("Our expectation would hardly change.")
    moved = {"moved": exactly(abs(units) * 100, currency)}
    higher, lower = _("Our expectation would be %(moved)s higher."), _("Our expectation would be %(moved)s lower.")
    return asked % said + " " + (higher if units > 0 else lower) % moved


def won_sentence(share: int, low: int, high: int) -> str:
    """What becomes of deals, of every 100 that come in."""
    said = {"share": share, "low": low, "high": high}
    told = _("Of 100 deals that come in about %(share)s are won; 9 times in 10 between %(low)s and %(high)s.")
    return told % said


def number_words(number: int) -> str:
    """A small number as a word."""
    words = (
        pgettext("number", "none"), pgettext("number", "one"), pgettext("number", "two"),
        pgettext("number", "three"), pgettext("number", "four"), pgettext("number", "five"),
        pgettext("number", "six"), pgettext("number", "seven"), pgettext("number", "eight"),
        pgettext("number", "nine"), pgettext("number", "ten"), pgettext("number", "eleven"),
        pgettext("number", "twelve"),
    )  # fmt: skip
    return words[number] if number < len(words) else str(number)


def code_sentence(code: str) -> str:
    """What is missing, or what to know, in a sentence."""
    if code == "currency":
        return _("No file names a currency, so amounts stand here without one.")
    return code_in_words(code).say(reader())
