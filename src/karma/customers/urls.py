"""Addresses of customers."""

from django.urls import path

from karma.customers import views

urlpatterns = [
    path("customers/", views.customer_list, name="customers"),
    path("customers/<int:customer_id>/", views.customer_page, name="customers-page"),
    path("customers/<int:customer_id>/contact/", views.contact_new, name="customers-contact"),
    path("customers/<int:customer_id>/assign/", views.customer_assign, name="customers-assign"),
    path("customers/hand-over/<int:person_id>/", views.hand_over, name="customers-hand-over"),
    path("customers/<int:customer_id>/rest/", views.customer_rest, name="customers-rest"),
    path("customers/<int:customer_id>/rest/lift/", views.customer_rest_lift, name="customers-rest-lift"),
]
