"""Sentences about what a team expects together and why that moved, in the reader's language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from karma.plans.phrases import day_words
from karma.readings.amounts import Scale, chance_words


def course_sentence(first: date, before: float, after: float, *, amount: str) -> str:
    """How the chance of an amount moved since the first day that it was worked out."""
    then, now = chance_words(before), chance_words(after)
    said = {"day": day_words(first), "amount": amount, "then": then, "now": now}
    if then == now:
        return _("Since %(day)s the chance that we reach %(amount)s has stayed %(now)s.") % said
    return _("On %(day)s the chance that we reach %(amount)s was %(then)s; now it is %(now)s.") % said


def moved_sentence(before_cents: int, after_cents: int, scale: Scale, *, since: date) -> str:
    """How far the expectation moved since a day."""
    more = scale.rounded(after_cents - before_cents)
    said = {"day": day_words(since), "amount": scale.say(abs(more))}
    if more == 0:
        return _("Since %(day)s the expectation has hardly moved.") % said
    if more > 0:
        return _("Since %(day)s the expectation has become about %(amount)s higher.") % said
    return _("Since %(day)s the expectation has become about %(amount)s lower.") % said


def driver_sentence(driver: Mapping[str, Any], scale: Scale) -> str:
    """One cause of the move, with what it added or took away."""
    cents, count = int(driver["cents"]), int(driver.get("count") or 0)
    said = {"amount": scale.say(abs(cents)), "count": count}
    added = cents > 0
    if driver["code"] == "outlook":
        return _outlook(str(driver["source"]), added=added) % said
    if driver["code"] == "realised":
        more = _("%(amount)s more came in than was to be expected by now.")
        less = _("%(amount)s less came in than was to be expected by now.")
        return (more if added else less) % said
    effect = _("that adds %(amount)s") if added else _("that takes away %(amount)s")
    return _deals(driver["code"], count) % {**said, "effect": effect % said}


def _outlook(source: str, *, added: bool) -> str:
    more = {
        "existing_customers": _("From customers who already buy %(amount)s more is still to be expected."),
        "open_deals": _("From the open deals %(amount)s more is still to be expected."),
        "new_business": _("From new business %(amount)s more is still to be expected."),
        "margin_loss": _("After the signature %(amount)s less is expected to be lost."),
    }
    less = {
        "existing_customers": _("From customers who already buy %(amount)s less is still to be expected."),
        "open_deals": _("From the open deals %(amount)s less is still to be expected."),
        "new_business": _("From new business %(amount)s less is still to be expected."),
        "margin_loss": _("After the signature %(amount)s more is expected to be lost."),
    }
    return (more if added else less)[source]


def _deals(code: str, count: int) -> str:
    return {
        "deals_won": ngettext("A deal was won; %(effect)s.", "%(count)s deals were won; %(effect)s.", count),
        "deals_lost": ngettext("A deal was lost; %(effect)s.", "%(count)s deals were lost; %(effect)s.", count),
        "deals_closed": ngettext(
            "A deal was closed; %(effect)s.", "%(count)s deals were closed; %(effect)s.", count
        ),
        "deals_new": ngettext("A deal came in; %(effect)s.", "%(count)s deals came in; %(effect)s.", count),
        "deals_changed": ngettext(
            "An open deal came nearer or further off; %(effect)s.",
            "%(count)s open deals came nearer or further off; %(effect)s.",
            count,
        ),
    }[code]
