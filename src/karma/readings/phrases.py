"""Sentences about readings, in the reader's language: which facts, and how much each moved it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from karma.common.text import Text

HEAVY, CLEAR, LITTLE = 0.5, 0.2, 0.05


def reader() -> str:
    """The reader's language as the core knows it."""
    return "nl" if (translation.get_language() or "nl").startswith("nl") else "en"


def fact_words(fact: Mapping[str, Any]) -> str:
    """What is known of a customer, as a sentence; without any amount or chance of ours."""
    told = {"silence": _silence, "still_customer": _still, "longest": _longest, "purchases": _purchases}
    return told.get(fact["fact"], _open_deal)(fact)


def _silence(fact: Mapping[str, Any]) -> str:
    days, usual = int(fact["days"]), fact.get("usual_days")
    silent = ngettext(
        "It has been silent for %(days)s day.", "It has been silent for %(days)s days.", days
    ) % {"days": number_format(days)}  # fmt: skip
    if not usual:
        return silent
    return (
        silent
        + " "
        + _("Usually there are about %(usual)s days between purchases.") % {"usual": number_format(round(usual))}
    )


def _still(fact: Mapping[str, Any]) -> str:
    if fact["effect"] > -LITTLE:
        return _("It is most likely still a customer.")
    return _("It is not certain that it still buys here: the longer the silence, the less so.")


def _longest(fact: Mapping[str, Any]) -> str:
    days = int(fact["days"])
    return ngettext(
        "The longest silence before was %(days)s day.", "The longest silence before was %(days)s days.", days
    ) % {"days": number_format(days)}  # fmt: skip


def _purchases(fact: Mapping[str, Any]) -> str:
    times, months = int(fact["times"]), max(round(int(fact["days"]) / 30.4), 1)
    bought = ngettext("It bought on %(times)s day", "It bought on %(times)s days", times)
    span = ngettext("in %(months)s month.", "in %(months)s months.", months)
    return f"{bought} {span}" % {"times": number_format(times), "months": number_format(months)}


def _open_deal(fact: Mapping[str, Any]) -> str:
    day = date_format(date.fromisoformat(fact["since"]), "j F Y")
    if fact.get("subject"):
        return _("“%(subject)s” has been open since %(day)s.") % {"subject": fact["subject"], "day": day}
    return _("A deal has been open since %(day)s.") % {"day": day}


def effect_words(effect: float) -> Text:
    """How much a fact moved what is said, in words: a number would claim more than it can carry."""
    size = abs(effect)
    if size < LITTLE:
        return _("hardly changes it")
    if effect > 0:
        named = (_("weighs heaviest"), _("weighs clearly"), _("weighs a little"))
    else:
        named = (_("takes much away"), _("takes something away"), _("takes a little away"))
    return named[0] if size >= HEAVY else named[1] if size >= CLEAR else named[2]


def source_words(source: str) -> str:
    """What a source of an expectation is called."""
    return {
        "existing_customers": _("existing customers"),
        "open_deals": _("open deals"),
        "new_business": _("new business"),
        "margin_loss": _("margin loss"),
    }[source]


def driver_words(driver: Mapping[str, Any]) -> str:
    """What moved an expectation."""
    count = int(driver.get("count") or 0)
    named = {
        "realised": _("what came in, beside what was expected by then"),
        "deals_won": ngettext("%(n)s deal won", "%(n)s deals won", count),
        "deals_lost": ngettext("%(n)s deal lost", "%(n)s deals lost", count),
        "deals_closed": ngettext("%(n)s deal closed", "%(n)s deals closed", count),
        "deals_new": ngettext("%(n)s new deal", "%(n)s new deals", count),
        "deals_changed": ngettext("%(n)s open deal that changed", "%(n)s open deals that changed", count),
    }
    if driver["code"] in named:
        return named[driver["code"]] % {"n": number_format(count)}
    return _("what is still to come from %(source)s") % {"source": source_words(str(driver["source"]))}


def phase_words(phase: str) -> str:
    """What an analysis does now."""
    return {
        "facts": _("Reading the facts"),
        "rhythm": _("Finding each customer's rhythm"),
        "plan": _("Working out what each team can expect"),
        "writing": _("Writing it down"),
    }.get(phase, _("This begins in a moment."))
