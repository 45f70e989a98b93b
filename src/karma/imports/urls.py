"""Addresses of imports."""

from django.urls import path

from karma.imports import views

urlpatterns = [
    path("imports/", views.run_list, name="imports"),
    path("imports/new/", views.run_new, name="imports-new"),
    path("imports/<int:run_id>/", views.run_page, name="imports-run"),
    path("imports/<int:run_id>/files/", views.run_files, name="imports-files"),
    path("imports/<int:run_id>/columns/<int:file_id>/", views.file_columns, name="imports-columns"),
    path("imports/<int:run_id>/values/", views.run_values, name="imports-values"),
    path("imports/<int:run_id>/preview/", views.run_preview, name="imports-preview"),
    path("imports/<int:run_id>/rejected/<int:file_id>/", views.file_rejected, name="imports-rejected"),
    path("imports/<int:run_id>/undo/", views.run_undo, name="imports-undo"),
    path("imports/<int:run_id>/discard/", views.run_discard, name="imports-discard"),
    path("imports/<int:run_id>/again/", views.run_again, name="imports-again"),
]
