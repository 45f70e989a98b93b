"""Every address of the product."""

from allauth.account import urls as account_urls
from allauth.mfa import urls as mfa_urls
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from karma.common.access import OF_OTHERS

# Of allauth only the pages that we use and have looked at; the rest has no address here.
_ACCOUNT = [entry for entry in account_urls.urlpatterns if getattr(entry, "name", "") in OF_OTHERS]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("karma.common.urls")),
    path("", include("karma.people.urls")),
    path("", include("karma.customers.urls")),
    path("", include("karma.deals.urls")),
    path("", include("karma.imports.urls")),
    path("", include("karma.readings.urls")),
    path("", include("karma.plans.urls")),
    path("", include("karma.team.urls")),
    path("", include("karma.today.urls")),
    path("account/", include(_ACCOUNT)),
    path("account/2fa/", include(mfa_urls)),
    path("language/", set_language, name="set_language"),
]
handler400 = "karma.common.views.bad_request"
handler403 = "karma.common.views.forbidden"
handler404 = "karma.common.views.not_found"
handler500 = "karma.common.views.server_error"
