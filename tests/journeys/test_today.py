"""Anna's morning: whom to call and why, done with one touch; by thumb, by keyboard, and without JavaScript."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.factories.today import make_day

from karma.customers.models import ContactMoment, ContactPerson, Responsibility, Rest
from karma.deals.models import PurchaseLine
from karma.people import operations as people
from karma.people.models import WEEKDAYS
from karma.today import operations
from karma.today.models import Handover, Placement

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def day(house, manner):
    """Anna's customers with readings of today; she works every day, so that the test runs on a Sunday too."""
    house.anna.language = manner[:2]
    house.anna.save()
    now = timezone.now()
    on = timezone.localdate(now)
    customers = make_day(house, as_of=on)
    for person in (house.anna, house.marijke):
        people.set_working_week(person, minutes=dict.fromkeys(WEEKDAYS, 480), on=on, by=person, at=now)
    ContactPerson.objects.create(customer=customers["De"], name="Ineke de Wit", phone="06 0500 0001")
    for weeks in range(8, 60, 5):
        PurchaseLine.objects.create(customer=customers["De"], on=on - timedelta(weeks=weeks), revenue_cents=100)
    operations.give(customers["Smit"], to=house.anna, words="Jij kent ze", by=house.marijke, on=on, at=now)
    return customers


def line(anna, name):
    return anna.page.locator(".today-line", has_text=name)


def test_morning_from_signing_in_to_an_empty_list(visit, house, day):
    anna = visit()
    anna.sign_in(house.anna)
    anna.page.wait_for_url("**/today/")
    anna.look("today")
    first = anna.page.locator(".today-line").first
    expect(first).to_contain_text("Jij kent ze")
    expect(line(anna, "De Vries").locator("a[href^=tel]")).to_have_attribute("href", "tel:0605000001")
    line(anna, "De Vries").locator("form[action$='/done/'] button").first.click()
    words = line(anna, "De Vries").locator("[name=summary]")
    expect(words).to_be_focused()
    anna.look("today-done")
    anna.page.keyboard.type("Belt in mei terug")
    anna.page.keyboard.press("Enter")
    expect(line(anna, "De Vries")).to_contain_text("Belt in mei terug")
    line(anna, "Bakker").locator("summary").click()
    anna.look("today-otherwise")
    line(anna, "Bakker").locator("[name=until_on]").first.click()
    expect(anna.page.locator(".told")).to_be_focused()
    line(anna, "Mulder").locator("[formaction$='/aside/']").click()
    expect(line(anna, "Mulder")).to_have_count(0)
    line(anna, "Smit").locator("summary").click()
    line(anna, "Smit").locator("[action$='/give/'] button").click()
    expect(line(anna, "Smit")).to_have_count(0)
    for summary in anna.page.locator(".beneath summary").all():
        summary.click()
    anna.look("today-end")
    moment = ContactMoment.objects.get()
    assert (moment.summary, moment.person) == ("Belt in mei terug", house.anna)
    assert (Rest.objects.get().customer, Handover.objects.open().get().given_to) == (day["Bakker"], house.marijke)
    assert Placement.objects.get().customer == day["Mulder"]


def test_keyboard_alone_does_a_line(visit, house, day):
    anna = visit()
    anna.sign_in(house.anna)
    done = anna.page.locator(".today-line").first.locator("form[action$='/done/'] button").first
    for _step in range(30):
        anna.page.keyboard.press("Tab")
        if done.evaluate("button => button === document.activeElement"):
            break
    expect(done).to_be_focused()
    anna.page.keyboard.press("Enter")
    expect(anna.page.locator(".today-line.is-done")).to_have_count(1)
    expect(anna.page.locator(".today-line.is-done [name=summary]")).to_be_focused()


def test_everything_works_without_javascript(visit, house, day):
    anna = visit(javascript=False)
    anna.sign_in(house.anna)
    line(anna, "De Vries").locator("form[action$='/done/'] button").first.click()
    line(anna, "De Vries").locator("[name=summary]").fill("Zonder JavaScript")
    line(anna, "De Vries").locator("[action$='/words/'] button").click()
    line(anna, "De Vries").locator("summary").click()
    line(anna, "De Vries").locator("[action$='/undo/'] button").click()
    assert not ContactMoment.objects.exists()
    line(anna, "Mulder").locator("[formaction$='/aside/']").click()
    anna.page.locator(".beneath summary").first.click()
    anna.page.locator("[action$='/back/'] button").first.click()
    assert line(anna, "Mulder").count() == 1
    anna.open("/today/add/?q=jansen")
    anna.page.locator("[name=kind][value=visit]").click()
    assert line(anna, "Jansen").count() == 1


def test_double_touch_is_one_contact(visit, house, day):
    anna = visit()
    anna.sign_in(house.anna)
    line(anna, "De Vries").locator("form[action$='/done/'] button").first.dblclick()
    expect(line(anna, "De Vries").locator("[name=summary]")).to_be_focused()
    assert ContactMoment.objects.count() == 1


def test_customers_page_shows_the_rhythm_and_logs_a_call_in_seconds(visit, house, day):
    anna = visit()
    anna.sign_in(house.anna)
    anna.open(f"/customers/{day['De'].pk}/")
    expect(anna.page.locator("svg.rhythm .dot")).to_have_count(11)
    anna.page.locator("details.behind summary").click()
    anna.look("customer-rhythm")
    anna.page.click("form.note button")
    anna.page.wait_for_load_state()
    assert ContactMoment.objects.get().kind == "call"
    anna.page.locator("[action$='/rest/'] button").first.click()
    expect(anna.page.locator("[action$='/rest/lift/'] button")).to_be_visible()
    anna.page.locator("[action$='/rest/lift/'] button").click()
    expect(anna.page.locator("[action$='/rest/'] button").first).to_be_visible()
    assert Rest.objects.filter(lifted_at__isnull=True).count() == 0


@pytest.mark.parametrize("path", ["/today/add/?q=de", "/today/minutes/"])
def test_page_has_no_barrier(path, visit, house, day):
    anna = visit()
    anna.sign_in(house.anna)
    anna.open(path)
    anna.look(path.strip("/").split("?")[0].replace("/", "-"))


def test_rest_page_has_no_barrier(visit, house, day):
    anna = visit()
    anna.sign_in(house.anna)
    anna.open(f"/customers/{day['De'].pk}/rest/")
    anna.look("customer-rest")
    anna.page.click("form .btn-primary")
    assert Rest.objects.count() == 0


KEPT = """async () => {
    const kept = await caches.open("karma-today");
    return (await kept.keys()).map((request) => new URL(request.url).pathname);
}"""


def wait_until_kept(anna):
    """The list is on this device: the page, and what it is drawn with."""
    for _try in range(50):
        kept = anna.page.evaluate(KEPT)
        if "/today/" in kept and any(address.endswith(".css") for address in kept):
            return
        anna.page.wait_for_timeout(100)
    raise AssertionError("The list did not come to lie on this device")


def test_what_is_noted_without_a_connection_goes_along_later(visit, house, day):
    anna = visit()
    anna.sign_in(house.anna)
    wait_until_kept(anna)
    anna.page.context.set_offline(True)
    anna.open("/today/")
    expect(anna.page.locator("#without")).to_be_visible()
    line(anna, "De Vries").locator("form[action$='/done/'] button").first.click()
    words = line(anna, "De Vries").locator("[name=summary]")
    expect(words).to_be_focused()
    anna.complaints.clear()  # the browser names what it could not fetch
    anna.look("today-without")
    anna.page.keyboard.type("Vanuit de kelder")
    anna.page.keyboard.press("Enter")
    line(anna, "Mulder").locator("[formaction$='/aside/']").click()
    expect(line(anna, "Mulder").locator("p.kept")).to_be_visible()
    assert not ContactMoment.objects.exists()
    noted = timezone.now()
    anna.page.context.set_offline(False)
    expect(line(anna, "De Vries")).to_contain_text("Vanuit de kelder")
    expect(line(anna, "De Vries")).to_have_class("today-line is-done")
    expect(anna.page.locator("#without")).to_be_hidden()
    moment = ContactMoment.objects.get()
    assert (moment.summary, moment.person, moment.at < noted) == ("Vanuit de kelder", house.anna, True)
    assert Placement.objects.get().customer == day["Mulder"]
    assert anna.page.evaluate("localStorage.length") == 0


def test_what_cannot_go_along_any_more_is_shown_and_not_lost(visit, house, day):
    anna = visit()
    anna.sign_in(house.anna)
    wait_until_kept(anna)
    anna.page.context.set_offline(True)
    line(anna, "De Vries").locator("form[action$='/done/'] button").first.click()
    line(anna, "De Vries").locator("[name=summary]").fill("Wil een offerte")
    anna.page.keyboard.press("Enter")
    Responsibility.objects.filter(customer=day["De"]).update(team=house.south, person=house.otto)  # meanwhile
    anna.page.context.set_offline(False)
    expect(anna.page.locator("#refused")).to_contain_text("De Vries Installaties: Wil een offerte")
    anna.complaints.clear()
    anna.look("today-refused")
    anna.page.locator("#refused button").click()
    expect(anna.page.locator("#refused")).to_be_hidden()
    assert (ContactMoment.objects.count(), anna.page.evaluate("localStorage.length")) == (0, 0)


def test_no_list_stays_on_a_device_where_one_signed_out(visit, house, day):
    anna = visit()
    anna.sign_in(house.anna)
    wait_until_kept(anna)
    anna.open("/account/logout/")
    anna.page.click("form .btn-primary")
    anna.page.wait_for_url("**/account/login/")
    for _try in range(50):
        if not anna.page.evaluate("caches.has('karma-today')"):
            return
        anna.page.wait_for_timeout(100)
    raise AssertionError("The list of who signed out still lies on this device")


def test_busy_answer_leaves_the_kept_list_and_a_page_that_is_gone_takes_it_along(visit, house, day):
    anna = visit()
    anna.sign_in(house.anna)
    wait_until_kept(anna)
    worker = anna.page.context.service_workers[0]
    asked = """async (status) => {
        self.fetch = async () => new Response("", { status });
        await answer(new Request("/today/"), "/today/", true);
        return Boolean(await (await caches.open(KEPT)).match("/today/", { ignoreVary: true }));
    }"""
    assert [worker.evaluate(asked, status) for status in (503, 429, 404)] == [True, True, False]
