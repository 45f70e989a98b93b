"""Lists in pages, at a price that does not grow with the list: only the first thousand rows are paged.

Whoever looks for what comes after them narrows the list; nobody pages through a hundred thousand rows.
"""

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

SIZE = 40
MOST = 1000


class FirstRows(Paginator[Any]):
    """Pages of the first MOST rows; `is_cut` says that there are more than those.

    One query finds the keys of all of them, mostly from an index alone, and another the rows of one page: a search
    that reads the whole table then reads it once, where a count and a page read it twice.
    """

    @cached_property
    def count(self) -> int:
        return min(len(self._keys), MOST)

    @cached_property
    def is_cut(self) -> bool:
        return len(self._keys) > MOST

    def page(self, number: int | str) -> Page[Any]:
        """The rows of a page, in the list's order."""
        valid = self.validate_number(number)
        keys = self._keys[:MOST][(valid - 1) * self.per_page : valid * self.per_page]
        found = self._rows.order_by().in_bulk(keys)
        return Page([found[key] for key in keys if key in found], valid, self)

    @property
    def _rows(self) -> QuerySet[Any]:
        assert isinstance(self.object_list, QuerySet)  # noqa: S101 (for the type checker)
        return self.object_list

    @cached_property
    def _keys(self) -> list[int]:
        return list(self._rows.values_list("pk", flat=True)[: MOST + 1])


def page_of(rows: QuerySet[Any], *, number: str | None) -> Page[Any]:
    """The page that was asked for, or the nearest there is: the first for what is no number, else the last."""
    return FirstRows(rows, SIZE).get_page(number)
