"""One visitor who asks for much at once waits for themselves; others do not."""

import threading
import time

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from karma.common import places
from karma.common.places import OWN_PLACES, OWN_QUEUE, PLACES, Places, visitor_of


class Slow:
    """A product in which every request works until it may end."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.working: list[str] = []
        self.answers: list[tuple[str, int]] = []
        self.places = Places(self.work)

    def work(self, request):
        self.working.append(visitor_of(request))
        self.may_end.wait(20)
        return HttpResponse()

    def ask(self, visitor: str) -> None:
        request = RequestFactory().get("/", headers={"cookie": f"karma_session={visitor}"})
        self.answers.append((visitor, self.places(request).status_code))


@pytest.fixture
def slow():
    product = Slow()
    threads: list[threading.Thread] = []

    def ask(visitor: str, times: int) -> None:
        """Ask so many times at once, and wait until all stand inside or were sent away."""
        threads.extend(threading.Thread(target=product.ask, args=(visitor,)) for _ in range(times))
        for thread in threads[-times:]:
            thread.start()
        wait_until(lambda: product.places.here.total() + len(product.answers) == len(threads))

    product.asks = ask
    yield product
    product.may_end.set()
    for thread in threads:
        thread.join()


def wait_until(holds) -> None:
    deadline = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)


def test_visitor_who_floods_leaves_room_for_others(slow):
    slow.asks("anna", OWN_QUEUE)
    slow.asks("otto", 1)
    wait_until(lambda: "otto" in slow.working)
    assert slow.working == ["anna"] * OWN_PLACES + ["otto"]


def test_all_that_waited_is_answered_in_the_end(slow):
    slow.asks("anna", 5)
    slow.may_end.set()
    wait_until(lambda: len(slow.answers) == 5)
    assert slow.answers == [("anna", 200)] * 5
    assert (slow.places.here, slow.places.working) == ({}, {})


def test_more_than_a_browser_asks_is_refused_at_once(slow):
    slow.asks("anna", OWN_QUEUE)
    slow.asks("anna", 3)
    wait_until(lambda: len(slow.answers) == 3)
    assert slow.answers == [("anna", 429)] * 3


def test_few_requests_work_at_once_however_many_visitors(slow):
    for number in range(PLACES + 3):
        slow.asks(f"visitor {number}", 1)
    wait_until(lambda: len(slow.working) >= PLACES)
    assert len(slow.working) == PLACES


def test_who_waits_too_long_is_asked_to_come_back_in_their_language(slow, monkeypatch):
    monkeypatch.setattr(places, "PATIENCE_SECONDS", 0.01)
    slow.asks("anna", OWN_PLACES)
    wait_until(lambda: len(slow.working) == OWN_PLACES)
    request = RequestFactory().get("/", headers={"cookie": "karma_session=anna", "accept-language": "nl"})
    refused = slow.places(request)
    assert (refused.status_code, refused["Retry-After"]) == (429, "5")
    assert "Je vraagt veel tegelijk." in refused.content.decode()


def test_without_a_session_a_visitor_is_where_they_come_from(settings):
    request = RequestFactory().get("/", headers={"x-forwarded-for": "6.6.6.6, 10.0.0.7"})
    assert visitor_of(request) == "127.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert visitor_of(request) == "10.0.0.7"
