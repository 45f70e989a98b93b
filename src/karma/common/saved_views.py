"""Views of a list that people keep: the only code that writes them, and its addresses."""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import QueryDict

from karma.common.audit import record
from karma.common.models import SavedView

PAGES = ("customers", "deals")


def keep_view(
    page: str, *, name: str, query: str, is_shared: bool, by: AbstractBaseUser, at: datetime
) -> SavedView:
    """Keep a list's filters and order under a name; the same name again replaces what it held.

    Raises LookupError for a page that has no views.
    """
    if page not in PAGES:
        raise LookupError(f'"{page}" is no page with views; those are {", ".join(PAGES)}.')
    with transaction.atomic():
        view, _is_new = SavedView.objects.update_or_create(
            person_id=by.pk, page=page, name=name, defaults={"query": _plain(query), "is_shared": is_shared}
        )
        record("common.view_kept", by=by, at=at, of=view)
    return view


def drop_view(view: SavedView, *, by: AbstractBaseUser, at: datetime) -> None:
    """Remove a view of one's own."""
    with transaction.atomic():
        record("common.view_dropped", by=by, at=at, of=view)
        view.delete()


def _plain(query: str) -> str:
    """The query without its page number, well formed, and no longer than its column."""
    chosen = QueryDict(query[:1000], mutable=True)
    chosen.pop("page", None)
    return chosen.urlencode()[:1000]
