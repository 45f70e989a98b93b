"""Addresses of Today."""

from django.urls import path

from karma.today import views

urlpatterns = [
    path("today/", views.today_page, name="today"),
    path("today/worker.js", views.today_worker, name="today-worker"),
    path("today/seen/", views.today_seen, name="today-seen"),
    path("today/add/", views.today_add, name="today-add"),
    path("today/minutes/", views.today_minutes, name="today-minutes"),
    path("today/<int:customer_id>/done/", views.today_done, name="today-done"),
    path("today/<int:customer_id>/undo/", views.today_undo, name="today-undo"),
    path("today/<int:customer_id>/words/", views.today_words, name="today-words"),
    path("today/<int:customer_id>/aside/", views.today_aside, name="today-aside"),
    path("today/<int:customer_id>/up/", views.today_up, name="today-up"),
    path("today/<int:customer_id>/down/", views.today_down, name="today-down"),
    path("today/<int:customer_id>/back/", views.today_back, name="today-back"),
    path("today/<int:customer_id>/rest/", views.today_rest, name="today-rest"),
    path("today/<int:customer_id>/give/", views.today_give, name="today-give"),
    path("today/<int:customer_id>/take-back/", views.today_take_back, name="today-take-back"),
]
