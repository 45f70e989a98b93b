"""How allauth behaves here: nobody signs up by themselves, and addresses in mail come from the settings."""

from urllib.parse import urljoin

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse


class HouseAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Changes to allauth's own ways."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only an invitation gives access."""
        return False

    def clean_email(self, email: str) -> str:
        return str(super().clean_email(email)).strip().lower()

    def get_reset_password_from_key_url(self, key: str) -> str:
        """From the settings, never from the Host header of whoever asked."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return urljoin(settings.BASE_URL, path.replace("UID-KEY", key))

    def can_delete_email(self, email_address: object) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        if settings.MAIL_IS_SENT:
            super().send_mail(template_prefix, email, context)

    def get_user_search_fields(self) -> list[str]:
        return ["name", "email"]

    def populate_username(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """People have no user name."""
