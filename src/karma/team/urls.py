"""Addresses of the Team screen."""

from django.urls import path

from karma.team import views

urlpatterns = [
    path("team/", views.team, name="team"),
    path("team/company/", views.team_company, name="team-company"),
    path("team/<int:team_id>/", views.team_page, name="team-page"),
]
