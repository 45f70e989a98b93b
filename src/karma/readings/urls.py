"""Addresses of readings."""

from django.urls import path

from karma.readings import views

urlpatterns = [
    path("readings/", views.readings, name="readings"),
    path("readings/customers/<int:customer_id>/", views.customer_reading, name="readings-customer"),
    path("readings/plan/<int:plan_id>/", views.plan_reading, name="readings-plan"),
]
