"""Marijke opens Plan and can tell her director what to expect; Team shows what they expect together."""

import re

import pytest
from playwright.sync_api import expect
from tests.factories.plans import make_readings

pytestmark = pytest.mark.django_db(transaction=True)
CHANCE = re.compile(
    r"(ongeveer|about) \d (op|in) 10|minder dan|less than|meer dan|more than|vrijwel nul|almost nil"
)


@pytest.fixture
def readings(house, dossiers):
    return make_readings(house, dossiers)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_any_amount_shows_its_chance_while_it_is_typed(visit, house, readings):
    marijke = visit()
    marijke.sign_in(house.marijke)
    marijke.open("/plan/")
    marijke.look("plan")
    field = marijke.page.locator("#amount")
    field.focus()
    marijke.page.keyboard.type("300.000")
    expect(marijke.page.locator("#told")).to_contain_text("300")
    assert CHANCE.search(plain(marijke.page.locator("#told").inner_text()))
    expect(marijke.page.locator(".picture text.own")).to_have_count(1)
    expect(field).to_be_focused()
    assert "amount=300.000" in marijke.page.url
    marijke.look("plan-typed")
    marijke.page.reload()
    assert field.input_value() == "300.000"


def test_picture_opens_as_a_table_by_keyboard(visit, house, readings):
    marijke = visit()
    marijke.sign_in(house.marijke)
    for page, rows in (("/plan/", 11), ("/team/", 10)):
        marijke.open(page)
        summary = marijke.page.locator("details.behind summary").first
        summary.focus()
        marijke.page.keyboard.press("Enter")
        table = marijke.page.locator("details.behind").first.locator("tbody tr")
        expect(table.first).to_be_visible()
        assert table.count() >= rows
        marijke.look(f"table-{page.strip('/')}")


def test_plan_works_without_javascript(visit, house, readings):
    joost = visit(javascript=False)
    joost.sign_in(house.joost)
    joost.open("/plan/")
    joost.page.select_option("#team", label="Noord")
    joost.page.click("form.whose button")
    assert joost.page.url.endswith(f"/plan/team/{house.north.pk}/?period=quarter")
    joost.page.fill("#amount", "300,000.00")
    with joost.page.expect_navigation():
        joost.page.keyboard.press("Enter")
    assert CHANCE.search(plain(joost.page.locator("#told").inner_text()))
    joost.page.click("nav.periods a >> nth=2")
    assert "period=year" in joost.page.url


@pytest.mark.parametrize("who", ["marijke", "joost"])
@pytest.mark.parametrize("page", ["/plan/", "/plan/?period=year", "/team/"])
def test_page_has_no_barrier_and_needs_little(page, who, visit, house, readings):
    visitor = visit()
    visitor.sign_in(getattr(house, who))
    visitor.open(page)
    visitor.look(f"{who}-{re.sub('[^a-z]+', '-', page).strip('-')}")
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    answer = visitor.page.goto(visitor.base + page)
    assert len(answer.body()) < 60_000
    assert len(asked) < 14, asked


def test_before_the_first_analysis_pages_say_what_will_stand_here(visit, house, dossiers):
    anna = visit()
    anna.sign_in(house.anna)
    for page in ("/plan/", "/team/"):
        anna.open(page)
        expect(anna.page.locator(".empty h2")).to_be_visible()
        anna.look(f"empty-{page.strip('/')}")
