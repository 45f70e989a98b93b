"""Icons, amounts and addresses in templates."""

from datetime import date
from typing import Protocol

from django import template
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from karma.common.access import is_allowed
from karma.common.banners import banners_for
from karma.common.columns import BEGINNING
from karma.common.phrases import ACTION_WORDS, object_words
from karma_core.money import in_words

register = template.Library()


class Dated(Protocol):
    """A row that holds from a day up to a day."""

    from_on: date
    until_on: date | None


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Bootstrap icon from the sprite; always beside words, so hidden from screen readers."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("vendor/bootstrap-icons/icons.svg"),
        name,
    )


@register.filter
def amount(cents: int | None, currency: str | None = None) -> str:
    """An amount in whole units as this reader expects it; a dash where it is not known."""
    if cents is None:
        return "–"
    return in_words(cents, currency=currency, language=translation.get_language() or "nl").replace(" ", "\u00a0")


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: object) -> str:
    """This page's address with some of its query changed; a value of None or "" takes the key out."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value not in (None, ""):
            query[key] = str(value)
    return f"{request.path}?{query.urlencode()}" if query else request.path


@register.filter
def short_day(on: date | None) -> str:
    """A day for a narrow column, with the month as this reader abbreviates it: 9 mrt 2026, 9 Mar 2026."""
    if on is None:
        return ""
    return date_format(on, "j b Y" if translation.get_language() == "nl" else "j M Y")


@register.filter
def held(row: Dated) -> str:
    """From when until when a dated row holds; a beginning that nobody knows is not said."""
    start = "" if row.from_on == BEGINNING else date_format(row.from_on, "j F Y")
    end = date_format(row.until_on, "j F Y") if row.until_on else ""
    said = {"start": start, "end": end}
    if start and end:
        return _("%(start)s up to %(end)s") % said
    return _("since %(start)s") % said if start else _("up to %(end)s") % said if end else ""


@register.filter
def styled(field: BoundField) -> SafeString:
    """The field's input with the class that its kind has."""
    kind = "form-select" if field.widget_type == "select" else "form-control"
    return field.as_widget(attrs={"class": kind})


@register.filter
def unlocalize(value: object) -> str:
    """A number as machines read it, without marks between thousands."""
    return str(value)


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = [word for word in name.split() if word[:1].isalpha()]
    return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words)).upper()


@register.filter
def action_words(action: str) -> str:
    """What an audit event's action is called; its code name where nobody has said."""
    return str(ACTION_WORDS.get(action, action))


@register.inclusion_tag("parts/banners.html", takes_context=True)
def banners(context: template.Context) -> dict[str, object]:
    """What goes on now that a reader of this page should know."""
    return {"banners": banners_for(context["user"])}


@register.filter
def object_word(kind: str) -> str:
    """What an audit event is about, in a word."""
    return str(object_words(kind))


@register.simple_tag(takes_context=True)
def has_permission(context: template.Context, name: str) -> bool:
    """Whether the viewer has a permission of some app's rules.py; the views behind it check it themselves."""
    return is_allowed(name, context["user"])


@register.filter
def device(user_agent: str) -> str:
    """A browser and a device in words that their owner recognises."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), _("A browser"))
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser}, {system}" if system else browser


_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("Mac OS", "Mac"), ("Linux", "Linux"))  # fmt: skip
