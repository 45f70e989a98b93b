"""Anna finds a customer, notes what was said, and keeps the list as she wants it; also without JavaScript."""

import pytest
from playwright.sync_api import expect

from karma.customers.models import ContactMoment

pytestmark = pytest.mark.django_db(transaction=True)


def test_customer_is_found_by_keyboard_and_contact_noted(visit, house, dossiers):
    anna = visit()
    anna.sign_in(house.anna)
    anna.open("/customers/")
    anna.look("customers")
    anna.page.keyboard.press("Control+k")
    anna.page.wait_for_url("**/search/**")
    expect(anna.page.locator("#q")).to_be_focused()
    anna.page.keyboard.type("vries")
    anna.page.click("#found a.name >> nth=0")
    anna.page.wait_for_url("**/customers/*/")
    anna.look("customer")
    anna.page.fill("[name=summary]", "Wil in maart een proefopstelling zien.")
    anna.page.keyboard.press("Control+Enter")
    anna.page.wait_for_selector("text=proefopstelling")
    assert ContactMoment.objects.filter(person=house.anna, summary__contains="proefopstelling").count() == 1


def test_list_narrows_while_one_types_and_is_kept(visit, house, dossiers):
    joost = visit()
    joost.sign_in(house.joost)
    joost.open("/customers/")
    joost.page.fill("#q", "jansen")
    expect(joost.page.locator("#results tbody tr")).to_have_count(1)
    joost.page.reload()
    joost.page.click("details.keep summary")
    joost.page.fill("#view-name", "Jansen")
    joost.page.click("details.keep button")
    joost.look("kept-view")
    assert joost.page.locator(".chip.chosen").inner_text() == "Jansen"


def test_everything_works_without_javascript(visit, house, dossiers):
    anna = visit(javascript=False)
    anna.sign_in(house.anna)
    anna.open("/customers/?q=vries")
    anna.page.click("#results tbody a")
    anna.page.fill("[name=summary]", "Zonder JavaScript.")
    anna.page.click("form.note button")
    assert anna.page.locator("text=Zonder JavaScript.").count() == 1


@pytest.mark.parametrize(
    "path", ["/teams/", "/people/", "/me/", "/me/week/", "/me/sessions/", "/keys/", "/deals/", "/more/"]
)
def test_page_has_no_barrier(path, visit, house, dossiers):
    anna = visit()
    anna.sign_in(house.anna)
    anna.open(path)
    anna.look(path.strip("/").replace("/", "-"))
