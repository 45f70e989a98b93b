"""Addresses of deals and purchases."""

from django.urls import path

from karma.deals import views

urlpatterns = [
    path("deals/", views.deal_list, name="deals"),
    path("deals/<int:deal_id>/", views.deal_page, name="deals-page"),
    path("customers/<int:customer_id>/purchases/", views.customer_purchases, name="customers-purchases"),
]
