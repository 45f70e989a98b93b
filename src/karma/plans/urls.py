"""Addresses of Plan."""

from django.urls import path

from karma.plans import views

urlpatterns = [
    path("plan/", views.plan, name="plan"),
    path("plan/company/", views.plan_company, name="plan-company"),
    path("plan/team/<int:team_id>/", views.plan_team, name="plan-team"),
]
