"""Sentences of the people app that stand in more than one place."""

from django.utils.translation import gettext_lazy as _

from karma.common.text import Text

ACTIONS: dict[str, Text] = {
    "people.company_founded": _("Described the company"),
    "people.company_changed": _("Changed the company"),
    "people.guide_closed": _("Closed the guide"),
    "people.team_founded": _("Made a team"),
    "people.team_renamed": _("Renamed a team"),
    "people.team_retired": _("Ended a team"),
    "people.team_joined": _("Let somebody join a team"),
    "people.team_left": _("Let somebody leave a team"),
    "people.person_changed": _("Changed a person"),
    "people.person_invited": _("Invited somebody"),
    "people.person_invited_again": _("Made a new link for somebody"),
    "people.invitation_revoked": _("Took an invitation back"),
    "people.invitation_accepted": _("Joined by invitation"),
    "people.person_let_go": _("Ended somebody's access"),
    "people.person_welcomed_back": _("Gave somebody access again"),
    "people.own_settings_chosen": _("Changed their own settings"),
    "people.working_week_set": _("Set a working week"),
    "people.session_ended": _("Ended a session of their own"),
    "people.other_sessions_ended": _("Ended all their other sessions"),
    "people.own_data_exported": _("Downloaded everything held about them"),
}
