"""One thread for linear algebra: on a busy machine a second one makes many small matrices twenty times slower."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold NumPy's and SciPy's linear algebra to one thread, as a `with` or on a function, and give back the rest.

    For whoever uses the models from Python; the command line starts with one thread for everything.
    """
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@cache
def _libraries() -> ThreadpoolController:
    """The libraries that are loaded, found once: those that use this module have both loaded before."""
    return ThreadpoolController()
