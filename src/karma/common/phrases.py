"""Words for what stands in the audit list; each app adds its own when it is ready."""

from django.utils.translation import gettext_lazy as _

from karma.common.text import Text

ACTION_WORDS: dict[str, Text] = {
    "common.page_refused": _("Asked for a page that does not exist, or is not for them"),
    "common.view_kept": _("Kept a view of a list"),
    "common.view_dropped": _("Removed a view of a list"),
}


def say_actions(words: dict[str, Text]) -> None:
    """Add the words for an app's actions."""
    ACTION_WORDS.update(words)


OBJECT_WORDS: dict[str, Text] = {
    "common.job": _("job"),
    "common.savedview": _("kept list"),
    "people.organisation": _("the company"),
    "people.person": _("person"),
    "people.team": _("team"),
    "people.membership": _("place in a team"),
    "people.workingweek": _("working week"),
    "people.invitation": _("invitation"),
    "customers.customer": _("customer"),
    "customers.contactmoment": _("contact"),
    "deals.deal": _("deal"),
    "imports.importrun": _("import"),
    "customers": _("customer"),
    "deals": _("deal"),
    "people": _("person"),
    "teams": _("team"),
    "imports": _("import"),
}
"""What an audit event is about, by the table or, where a page was refused, by the beginning of its name."""


def object_words(kind: str) -> Text:
    """A word for what an event is about; a table that has none yet is called by its own name."""
    return OBJECT_WORDS.get(kind) or OBJECT_WORDS.get(kind.partition("-")[0]) or kind.rpartition(".")[2]
