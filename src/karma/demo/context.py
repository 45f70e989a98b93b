"""What the pages of a demo show besides; nothing at all in an installation of one's own."""

from django.conf import settings
from django.http import HttpRequest

from karma.demo.cast import CAST, PASSWORD
from karma.demo.tour import stop_at


def demo(request: HttpRequest) -> dict[str, object]:
    if not settings.IS_DEMO:
        return {}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"cast": CAST, "cast_password": PASSWORD}
    name = request.resolver_match.view_name if request.resolver_match else ""
    return {"tour": stop_at(name)}
