"""Sentences about a plan, in the reader's language. Amounts and chances come in as they are said."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from karma.readings.enums import Measure
from karma.readings.phrases import reader
from karma_core.periods import Period
from karma_core.reach.phrases import in_words as code_in_words


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
    """Where most of the difference comes from in the futures that reach an amount."""
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
    fair = _("A range that holds 8 times in 10 may miss twice in ten.")
    return [first % said, *([fair] if plans >= 5 else [_("That is too few to judge the range by.")])]


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
