"""What the shell of every page needs."""

from django.http import HttpRequest

from karma.common.menu import ADMINISTRATION, MAIN, menu_for


def shell(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"appearance": "auto"}
    name = request.resolver_match.view_name if request.resolver_match else ""
    return {
        "appearance": user.appearance,
        "menu": menu_for(user, section=MAIN),
        "administration": menu_for(user, section=ADMINISTRATION),
        "here": name.partition("-")[0],
    }
