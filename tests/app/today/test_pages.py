"""Today on the screen: one touch each, also without htmx; no amount in sight; nobody else's."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.people import NOW, TODAY, make_person
from tests.factories.today import make_analysis, make_customer, read

from karma.common.models import AuditEvent
from karma.customers import operations as customers
from karma.customers.models import ContactMoment, Rest
from karma.deals.models import Deal, PurchaseLine
from karma.people import operations as people
from karma.people.enums import Function
from karma.readings.models import CustomerReading
from karma.today import operations
from karma.today.models import DayDraw, Handover, Placement, WorkMinutes

pytestmark = pytest.mark.django_db
OURS = re.compile(
    r"[€$£%]|\bEUR\b|\bpercent|\bprocent|\bkans\b|\bchance\b|\btarget\b|\bdoel\b|\bmarge\b|\bmargin\b"
)


def seen(html: str) -> str:
    """What a reader gets to see or hear: texts and labels, without tags and addresses."""
    main = html[html.index("<main") : html.index("</main>")]
    labels = " ".join(re.findall(r'aria-label="([^"]*)"', main))
    return f"{re.sub('<[^>]+>', ' ', main)} {labels}"


def test_signing_in_leads_to_today(house, day, sign_in):
    assert sign_in(house.anna).get("/").url == "/today/"


@pytest.mark.parametrize("who", ["marijke", "joost", "bea"])
def test_whoever_has_nothing_to_do_there_has_no_today(who, house, day, sign_in):
    browser = sign_in(getattr(house, who))
    assert browser.get("/today/").status_code == 404
    assert "/today/" not in browser.get("/customers/").content.decode()


def test_delivery_sees_today_only_once_something_is_given(house, day, sign_in):
    fenna = make_person("Fenna Dijkstra", function=Function.DELIVERY)
    people.join_team(fenna, team=house.north, is_lead=False, on=TODAY, by=house.bea, at=NOW)
    assert sign_in(fenna).get("/today/").status_code == 404
    operations.give(day["De"], to=fenna, words="", by=house.anna, on=TODAY, at=NOW)
    assert "De Vries Installaties" in sign_in(fenna).get("/today/").content.decode()


def _everything(house, day):
    """A day with a line of every origin, things beneath, and amounts wherever the database can hold them."""
    CustomerReading.objects.update(expected_margin_cents=98_765_00, chance_active=0.873, chance_order=0.41)
    Deal.objects.create(
        title="Warmtepomp", customer=day["Smit"], owner=house.anna, expected_close_on=TODAY,
        margin_cents=98_765_00, revenue_cents=198_765_00, stated_chance=0.87,
    )  # fmt: skip
    PurchaseLine.objects.create(customer=day["De"], on=TODAY - timedelta(days=60), revenue_cents=98_765_00)
    ContactMoment.objects.create(customer=day["Jansen"], person=house.anna, at=NOW - timedelta(9), again_on=TODAY)
    operations.give(day["Mulder"], to=house.anna, words="graag", by=house.marijke, on=TODAY, at=NOW)
    operations.put_on_list(day["De"], kind="visit", words="", by=house.anna, at=NOW)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_target_chance_or_amount_of_ours_is_in_sight(language, house, day, sign_in):
    _everything(house, day)
    house.anna.language = language
    house.anna.save()
    browser = sign_in(house.anna)
    pages = [
        "/today/",
        "/today/add/?q=de",
        "/today/minutes/",
        f"/customers/{day['De'].pk}/",
        f"/customers/{day['De'].pk}/rest/",
    ]
    found = {page: OURS.findall(seen(browser.get(page).content.decode())) for page in pages}
    assert found == {page: [] for page in pages}
    assert len(browser.get("/today/").context["page"].lines) == 5


def test_done_notes_a_contact_and_stays_in_sight(house, day, sign_in):
    browser, pk = sign_in(house.anna), day["De"].pk
    answers = [browser.post(f"/today/{pk}/done/", {"kind": "call"}) for _twice in range(2)]
    assert {answer.url for answer in answers} == {f"/today/?just={pk}#c{pk}"}
    moment = ContactMoment.objects.get()
    assert (moment.customer, moment.kind, moment.person) == (day["De"], "call", house.anna)
    assert "Gedaan en genoteerd." in browser.get(answers[0].url).content.decode()


def test_few_words_and_a_day_are_added_to_what_was_done(house, day, sign_in):
    browser, pk = sign_in(house.anna), day["De"].pk
    browser.post(f"/today/{pk}/done/")
    browser.post(f"/today/{pk}/words/", {"summary": "Belt in mei", "again_on": "2026-05-01"})
    moment = ContactMoment.objects.get()
    assert (moment.summary, str(moment.again_on)) == ("Belt in mei", "2026-05-01")
    browser.post(f"/today/{pk}/words/", {"summary": "x", "again_on": "2020-05-01"})
    moment.refresh_from_db()
    assert moment.summary == "Belt in mei"


def test_words_where_nothing_was_done_write_nothing(house, day, sign_in):
    sign_in(house.anna).post(f"/today/{day['De'].pk}/words/", {"summary": "x"})
    assert not ContactMoment.objects.exists()


def test_words_never_reach_what_a_colleague_noted(house, day, sign_in):
    other = ContactMoment.objects.create(customer=day["De"], person=house.marijke, at=NOW, summary="van Marijke")
    sign_in(house.anna).post(f"/today/{day['De'].pk}/words/", {"summary": "van Anna"})
    sign_in(house.anna).post(f"/today/{day['De'].pk}/undo/")
    other.refresh_from_db()
    assert other.summary == "van Marijke"


@pytest.mark.parametrize(
    ("verb", "form"),
    [
        ("done", {}), ("undo", {}), ("words", {"summary": "x"}), ("aside", {}), ("up", {}), ("down", {}),
        ("back", {}), ("rest", {"until_on": "2026-04-01"}), ("give", {}), ("take-back", {}),
    ],
)  # fmt: skip
def test_otto_finds_nothing_of_anothers_customer(verb, form, house, day, sign_in):
    form = {"to": house.anna.pk, **form}
    answers = [
        sign_in(house.otto).post(f"/today/{pk}/{verb}/", form).status_code for pk in (day["De"].pk, 999_999)
    ]
    assert answers == [404, 404]
    assert not any(model.objects.exists() for model in (ContactMoment, Placement, Handover, Rest))


def test_anna_gives_to_nobody_outside_her_team(house, day, sign_in):
    answer = sign_in(house.anna).post(f"/today/{day['De'].pk}/give/", {"to": house.otto.pk}, follow=True)
    assert "Kies een collega uit je team." in answer.content.decode()
    assert not Handover.objects.exists()


def test_given_line_is_seen_by_the_colleague_with_who_gave_it(house, day, sign_in):
    sign_in(house.anna).post(f"/today/{day['De'].pk}/give/", {"to": house.marijke.pk, "words": "Jij kent Ineke"})
    page = sign_in(house.marijke).get("/today/").content.decode()
    assert "Anna de Boer vraagt of jij dit wilt oppakken. “Jij kent Ineke”" in page


@pytest.mark.parametrize(("verb", "form"), [("aside", {}), ("down", {}), ("up", {})])
def test_own_placements_are_never_on_anothers_page(verb, form, house, day, sign_in):
    before = sign_in(house.marijke).get(f"/customers/{day['De'].pk}/").content.decode()
    sign_in(house.anna).post(f"/today/{day['De'].pk}/{verb}/", form)
    after = sign_in(house.marijke).get(f"/customers/{day['De'].pk}/").content.decode()
    assert _plain(before) == _plain(after)


def _plain(page: str) -> str:
    return re.sub(r'value="\w{64}"|"X-CSRFToken": "\w+"', "", page)


def test_rest_from_today_is_respected_and_bad_days_are_asked_again(house, day, sign_in):
    browser, pk = sign_in(house.anna), day["De"].pk
    assert browser.post(f"/today/{pk}/rest/", {"until_on": "2020-01-01"}).url == f"/customers/{pk}/rest/"
    browser.post(f"/today/{pk}/rest/", {"until_on": (TODAY + timedelta(days=14)).isoformat()})
    page = browser.get(f"/today/?just={pk}")
    assert day["De"] not in [line.customer for line in page.context["page"].lines]
    assert "wordt met rust gelaten tot 23 maart 2026" in page.content.decode()


def test_any_customer_goes_on_the_list_by_hand(house, day, sign_in):
    browser, pk = sign_in(house.anna), day["Smit"].pk
    assert [each.name for each in browser.get("/today/add/?q=smit").context["found"]] == ["Smit Techniek"]
    assert not browser.get("/today/add/?q=otto").context["found"]
    browser.post(f"/today/{pk}/up/", {"kind": "visit"})
    first = browser.get("/today/").context["page"].lines[0]
    assert (first.customer, first.does) == (day["Smit"], "Ga langs")


def test_from_the_customers_page_one_goes_back_to_it(house, day, sign_in):
    pk = day["Smit"].pk
    assert sign_in(house.anna).post(f"/today/{pk}/up/", {"back": "customer"}).url == f"/customers/{pk}/"


def test_nothing_pressing_is_said_in_the_houses_words(house, sign_in, day):
    CustomerReading.objects.all().delete()
    assert "Een goede dag om bij iemand langs te gaan." in sign_in(house.anna).get("/today/").content.decode()


def test_before_the_first_analysis_it_is_said_what_will_stand_here(house, sign_in):
    assert "Er is nog niets uitgerekend" in sign_in(house.anna).get("/today/").content.decode()


def test_minutes_are_ones_own(house, day, sign_in):
    browser = sign_in(house.anna)
    assert browser.post("/today/minutes/", {"call": 4, "help": 30, "visit": 90}).status_code == 422
    browser.post("/today/minutes/", {"call": 20, "help": 30, "visit": 90})
    assert WorkMinutes.objects.get().call == 20
    assert sign_in(house.otto).get("/today/minutes/").context["form"]["call"].value() == 15


def test_lots_are_kept_when_the_page_asks_and_by_the_first_touch(house, sign_in, day):
    analysis = make_analysis(TODAY)
    for number in range(20):
        read(analysis, make_customer(f"Klant {number}", team=house.north, person=house.anna))
    browser = sign_in(house.anna)
    page = browser.get("/today/")
    assert 'hx-post="/today/seen/"' in page.content.decode()
    assert not DayDraw.objects.exists()
    assert browser.post("/today/seen/").status_code == 204
    first = list(DayDraw.objects.order_by("pk").values_list("customer", "propensity", "is_drawn"))
    assert 'hx-post="/today/seen/"' not in browser.get("/today/").content.decode()
    browser.post(f"/today/{page.context['page'].lines[0].customer.pk}/done/")
    assert list(DayDraw.objects.order_by("pk").values_list("customer", "propensity", "is_drawn")) == first != []


def _queries(browser, address) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


def _one_more_of_each(house, analysis, number):
    """Another line of each origin, and another beneath."""
    made = [make_customer(f"Meer {number} {n}", team=house.north, person=house.anna) for n in range(8)]
    read(analysis, made[0])
    read(analysis, made[1], "lead_by_hand")
    read(analysis, made[2], "calm")
    read(analysis, made[3], "leave_in_peace", leave_until=TODAY + timedelta(days=30))
    ContactMoment.objects.create(customer=made[4], person=house.anna, at=NOW - timedelta(days=9), again_on=TODAY)
    operations.put_on_list(made[5], kind="call", words="", by=house.anna, at=NOW)
    customers.leave_in_peace(made[6], until_on=TODAY + timedelta(days=30), why="", by=house.anna, at=NOW)
    operations.give(made[7], to=house.anna, words="", by=house.marijke, on=TODAY, at=NOW)


def test_page_asks_the_same_queries_for_few_and_for_many(house, sign_in, day):
    analysis, browser = CustomerReading.objects.first().analysis, sign_in(house.anna)
    _one_more_of_each(house, analysis, 0)
    few = _queries(browser, "/today/")
    for number in range(1, 4):
        _one_more_of_each(house, analysis, number)
    assert _queries(browser, "/today/") == few <= 40
    page = browser.get("/today/")
    assert len(page.context["page"].lines) == 9
    assert len(page.content) < 60_000


def test_customer_page_asks_the_same_queries_for_few_and_for_many(house, sign_in, day):
    browser, address = sign_in(house.anna), f"/customers/{day['De'].pk}/"
    PurchaseLine.objects.create(customer=day["De"], on=TODAY - timedelta(days=400), revenue_cents=1)
    few = _queries(browser, address)
    for days in range(1, 150):
        PurchaseLine.objects.create(customer=day["De"], on=TODAY - timedelta(days=days), revenue_cents=1)
    assert _queries(browser, address) == few
    assert len(browser.get(address).content) < 60_000


def done_at(browser, customer, happened_at):
    return browser.post(f"/today/{customer.pk}/done/", {"kind": "call", "happened_at": happened_at.isoformat()})


def test_what_waited_on_a_device_is_noted_at_its_own_moment_and_once(house, day, sign_in):
    browser, yesterday = sign_in(house.anna), NOW - timedelta(days=1)
    for _twice in range(2):
        assert done_at(browser, day["De"], yesterday).status_code == 302
    browser.post(f"/today/{day['De'].pk}/words/", {"summary": "Kelder", "happened_at": yesterday.isoformat()})
    moment = ContactMoment.objects.get()
    assert (moment.at, moment.summary) == (yesterday, "Kelder")
    assert AuditEvent.objects.get(action="customers.contact_noted").at > yesterday + timedelta(hours=23)
    browser.post(f"/today/{day['De'].pk}/done/", {"kind": "call"})
    assert ContactMoment.objects.count() == 2  # today is another day


def test_device_whose_clock_runs_ahead_says_now(house, day, sign_in):
    done_at(sign_in(house.anna), day["De"], NOW + timedelta(hours=5))
    assert ContactMoment.objects.get().at <= NOW


@pytest.mark.parametrize("words", ["2020-01-01T09:00:00Z", "gisteren", "2026-13-01T09:00:00Z"])
def test_moment_long_ago_or_unreadable_is_refused_and_nothing_noted(words, house, day, sign_in):
    answer = sign_in(house.anna).post(f"/today/{day['De'].pk}/done/", {"kind": "call", "happened_at": words})
    assert (answer.status_code, ContactMoment.objects.count()) == (400, 0)


def test_script_that_keeps_the_list_is_for_today_alone(house, day, sign_in):
    answer = sign_in(house.anna).get("/today/worker.js")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript")
    assert "Service-Worker-Allowed" not in answer
