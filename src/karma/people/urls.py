"""Addresses of people, teams, oneself and the guide."""

from django.urls import path

from karma.people import guide_views, own_views, views

urlpatterns = [
    path("teams/", views.team_list, name="teams"),
    path("teams/new/", views.team_new, name="teams-new"),
    path("teams/<int:team_id>/", views.team_page, name="teams-page"),
    path("teams/<int:team_id>/change/", views.team_change, name="teams-change"),
    path("teams/<int:team_id>/retire/", views.team_retire, name="teams-retire"),
    path("teams/<int:team_id>/join/", views.team_join, name="teams-join"),
    path("teams/leave/<int:membership_id>/", views.team_leave, name="teams-leave"),
    path("people/", views.people_list, name="people"),
    path("people/invite/", views.person_invite, name="people-invite"),
    path("people/<int:person_id>/", views.person_page, name="people-person"),
    path("people/<int:person_id>/change/", views.person_change, name="people-change"),
    path("people/<int:person_id>/invite/", views.person_invite_again, name="people-invite-again"),
    path("people/<int:person_id>/revoke/", views.person_revoke, name="people-revoke"),
    path("people/<int:person_id>/let-go/", views.person_let_go, name="people-let-go"),
    path("people/<int:person_id>/welcome-back/", views.person_welcome_back, name="people-welcome-back"),
    path("me/", own_views.me, name="me"),
    path("me/week/", own_views.my_week, name="my-week"),
    path("me/sessions/", own_views.my_sessions, name="my-sessions"),
    path("me/sessions/end/", own_views.end_other_sessions, name="my-sessions-end-others"),
    path("me/sessions/<int:session_id>/end/", own_views.end_session, name="my-sessions-end"),
    path("me/export/", own_views.my_export, name="my-export"),
    path("invitation/<str:token>/", own_views.invitation, name="invitation"),
    path("guide/", guide_views.guide, name="guide"),
    path("guide/company/", guide_views.guide_company, name="guide-company"),
    path("guide/teams/", guide_views.guide_teams, name="guide-teams"),
    path("guide/people/", guide_views.guide_people, name="guide-people"),
    path("guide/files/", guide_views.guide_files, name="guide-files"),
    path("guide/close/", guide_views.guide_close, name="guide-close"),
    path("administration/company/", guide_views.company, name="company"),
]
