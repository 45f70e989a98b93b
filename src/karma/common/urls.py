"""Addresses of pages that belong to no app."""

from django.urls import path

from karma.common import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("search/", views.find, name="search"),
    path("more/", views.more, name="more"),
    path("keys/", views.keys, name="keys"),
    path("jobs/<uuid:job_id>/", views.job, name="job"),
    path("views/", views.view_keep, name="view-keep"),
    path("views/<int:view_id>/drop/", views.view_drop, name="view-drop"),
    path("administration/audit/", views.audit, name="audit"),
]
