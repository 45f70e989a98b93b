"""Plan: what it says, in both languages, of a period, an amount and its sources."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.customers import make_dossier
from tests.factories.people import TODAY
from tests.factories.plans import begun_analysis, named, plan_reading, said

from karma.people.models import Organisation, Team
from karma.plans.saying import Saying
from karma.readings.enums import AnalysisStatus, PeriodKind
from karma.readings.models import PlanReading
from karma_core.money import in_words
from karma_core.words import chance_in_words, round_to_range

pytestmark = pytest.mark.django_db
QUARTER = said(1, PeriodKind.QUARTER, TODAY)
MIDDLE = QUARTER.quantiles_cents["p50"]


def text(answer) -> str:
    """What a reader reads: the page without its tags, each white space one blank."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode().replace("\u00a0", " ")))


def rounded(cents: int, language: str = "nl") -> str:
    width = QUARTER.quantiles_cents["p95"] - QUARTER.quantiles_cents["p05"]
    return in_words(round_to_range(cents, width_cents=width), currency="EUR", language=language)


def test_headline_says_the_middle_and_what_six_in_ten_reach(house, readings, sign_in):
    sixty = sorted(QUARTER.draws.total)[160]
    seen = text(sign_in(house.anna).get("/plan/"))
    assert f"We mogen op ongeveer {rounded(MIDDLE)} marge rekenen;" in seen
    assert f"6 van de 10 keer wordt het meer dan {rounded(sixty)}." in seen


def test_english_reader_reads_english_amounts(house, readings, sign_in):
    house.anna.language = "en"
    house.anna.save()
    seen = text(sign_in(house.anna).get("/plan/?amount=300,000"))
    chance = chance_in_words(QUARTER.chance_of(300_000_00), language="en")
    assert f"We can expect about {rounded(MIDDLE, 'en')} of margin" in seen
    assert f"The chance that we reach € 300,000 is {chance}." in seen


@pytest.mark.parametrize("typed", ["300000", "300.000", "300.000,00", "300,000.00", "€ 300.000", " 300 000 "])
def test_amount_is_read_as_dutch_and_english_type_it(typed, house, readings, sign_in):
    seen = text(sign_in(house.anna).get("/plan/", {"amount": typed}))
    chance = chance_in_words(QUARTER.chance_of(300_000_00), language="nl")
    assert f"De kans dat we € 300.000 halen is {chance}." in seen


@pytest.mark.parametrize("typed", ["veel", "1e9", "<b>3</b>", "--5", "12.34.56,7,8", "\x00"])
def test_amount_that_is_none_is_told_kindly(typed, house, readings, sign_in):
    answer = sign_in(house.anna).get("/plan/", {"amount": typed})
    assert answer.context["saying"].typed is None
    assert (answer.status_code, "<b>3" in answer.content.decode()) == (200, False)
    assert ("is geen bedrag" in text(answer)) == bool(typed.strip("\x00"))


@pytest.mark.parametrize(("typed", "words"), [("1", "meer dan 19 op 20"), ("99999999999", "vrijwel nul")])
def test_amounts_far_out_have_a_chance_in_words_too(typed, words, house, readings, sign_in):
    assert f"halen is {words}." in text(sign_in(house.anna).get("/plan/", {"amount": typed}))


def test_typing_gets_only_the_part_that_changes(house, readings, sign_in):
    answer = sign_in(house.anna).get("/plan/?amount=300000", headers={"HX-Request": "true"})
    body = answer.content.decode()
    assert ("<svg" in body, "<html" in body, "Waar het vandaan komt" in body) == (True, False, False)


def test_last_year_plus_ten_says_its_chance_and_what_is_missing(house, readings, sign_in):
    seen = text(sign_in(house.anna).get("/plan/"))
    plus_10 = QUARTER.last_year_plus_10_cents
    chance = chance_in_words(QUARTER.chance_of(plus_10), language="nl")
    assert f"Vorig jaar plus 10% is {rounded(plus_10)}. De kans dat we dat halen is {chance}." in seen
    growth = (plus_10 - QUARTER.realised_cents) / (MIDDLE - QUARTER.realised_cents) - 1
    assert f"Daarvoor moet wat nog komt {round(growth * 100)}% meer zijn dan we verwachten." in seen
    assert "Daar is hier nog geen gegeven voor." in seen


def test_without_last_year_there_is_no_comparison(house, readings, sign_in):
    row = readings.north
    row.document = {**row.document, "last_year_cents": None}
    row.save()
    assert "Vorig jaar" not in text(sign_in(house.anna).get("/plan/"))


def test_chance_is_never_more_precise_than_it_deserves(house, readings, sign_in):
    seen = text(sign_in(house.anna).get("/plan/?amount=290000"))
    assert re.findall(r"\d+[.,]\d+ ?%", seen) == []
    chances = set(re.findall(r"ongeveer (\d+) op (\d+)", seen))
    assert chances <= {(str(tenth), "10") for tenth in range(1, 10)}
    assert chances != set()


def test_without_cost_it_speaks_of_revenue_and_says_why(house, dossiers, sign_in):
    plan_reading(begun_analysis(), house.north, kind=PeriodKind.QUARTER, seed=1, measure="revenue")
    seen = text(sign_in(house.anna).get("/plan/"))
    assert ("omzet rekenen" in seen, "marge rekenen" in seen, "ontbreekt de kostprijs" in seen) == (
        True,
        False,
        True,
    )


def test_record_stands_in_plain_words(house, readings, sign_in):
    assert "Van de laatste acht kwartalen vielen er zeven binnen de bandbreedte" in text(
        sign_in(house.anna).get("/plan/")
    )


@pytest.mark.parametrize(
    ("record", "words"),
    [({}, "wordt apart uitgerekend"), ({"plans": 0, "inside_80": 0}, "er is nog geen periode voorbij")],
)
def test_no_record_yet_is_said(record, words, house, dossiers, sign_in):
    plan_reading(begun_analysis(), house.north, kind=PeriodKind.QUARTER, seed=1, record=record)
    seen = text(sign_in(house.anna).get("/plan/"))
    assert "Er is nog geen staat van dienst" in seen
    assert words in seen


def test_record_of_quarters_stands_with_every_period(house, readings, sign_in):
    PlanReading.objects.exclude(period_kind=PeriodKind.QUARTER).update(record={})
    assert "Van de laatste acht kwartalen" in text(sign_in(house.anna).get("/plan/?period=year"))


@pytest.mark.parametrize("split", ["sources", "segments"])
def test_what_is_said_of_parts_adds_up_to_what_is_said_of_the_whole(split, house, readings):
    saying = Saying(readings.north)
    parts = [_cents(part.mean) for part in getattr(saying, split)]
    assert sum(parts) == _cents(saying.together.mean)


def _cents(said_amount: str) -> int:
    return int(said_amount.replace("€", "").replace("\u00a0", "").replace(".", "").strip()) * 100


def test_realised_stands_apart_and_only_once_the_period_has_begun(house, readings, sign_in):
    anna = sign_in(house.anna)
    begun, ahead = (text(anna.get(f"/plan/?period={kind}")) for kind in ("quarter", "next_quarter"))
    assert f"Daarvan is {rounded(QUARTER.realised_cents)} al gerealiseerd." in begun
    assert "gerealiseerd" not in ahead


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("quarter", "januari tot en met maart 2026"),
        ("next_quarter", "april tot en met juni 2026"),
        ("year", "2026"),
        ("eeuw", "januari tot en met maart 2026"),
    ],
)
def test_period_is_chosen_and_an_unknown_one_is_the_quarter(period, words, house, readings, sign_in):
    assert f"Waar we op mogen rekenen, {words}" in text(sign_in(house.anna).get(f"/plan/?period={period}"))


def test_customers_that_the_reader_may_not_see_are_summed(house, dossiers, sign_in):
    plan_reading(begun_analysis(), house.north, kind=PeriodKind.QUARTER, seed=1, customers=named(*dossiers))
    answer = sign_in(house.anna).get("/plan/")
    assert [buyer.name for buyer in answer.context["buyers"]] == ["De Vries kanarienoord"]
    assert ("kanariezuid" in text(answer), answer.context["others"]) == (False, "€\u00a032.000")


def test_director_chooses_between_the_company_and_each_team(house, readings, sign_in):
    joost = sign_in(house.joost)
    assert joost.get("/plan/").context["scope"].team is None
    assert (
        joost.get(f"/plan/?team={house.south.pk}&period=year").url == f"/plan/team/{house.south.pk}/?period=year"
    )
    assert joost.get("/plan/?team=company").url == "/plan/company/?period="


@pytest.mark.parametrize("team", ["x", "-1", "9" * 40, "1 OR 1=1", "²"])
def test_odd_team_in_the_chooser_leads_to_a_page_that_is_none_of_ours(team, house, readings, sign_in):
    assert sign_in(house.otto).get("/plan/", {"team": team}, follow=True).status_code == 404


def test_who_leaves_the_team_no_longer_sees_its_plan(house, readings, sign_in):
    house.anna.memberships.update(until_on=TODAY)
    assert sign_in(house.anna).get(f"/plan/team/{house.north.pk}/").status_code == 404


def test_before_the_first_analysis_the_page_says_what_will_stand_here(house, dossiers, sign_in):
    for person in (house.anna, house.joost):
        seen = text(sign_in(person).get("/plan/"))
        assert "Hier zie je straks waar het team op mag rekenen" in seen
    assert "Bestanden kiezen" in text(sign_in(house.bea).get("/plan/"))


def test_analysis_that_stopped_leaves_the_last_figures_and_says_so(house, readings, sign_in):
    begun_analysis(status=AnalysisStatus.FAILED)
    seen = text(sign_in(house.anna).get("/plan/"))
    assert "De laatste berekening is niet afgekomen. Dit zijn de cijfers van 9 maart" in seen
    assert f"We mogen op ongeveer {rounded(MIDDLE)}" in seen


@pytest.mark.parametrize(("days", "is_said"), [(0, False), (28, False), (29, True)])
def test_facts_that_end_long_ago_are_told_to_do_so(days, is_said, house, readings, sign_in, monkeypatch):
    monkeypatch.setattr("karma.readings.queries.today", lambda: TODAY + timedelta(days=days))
    assert (
        "De feiten houden op vóór" in text(sign_in(house.marijke).get(f"/plan/team/{house.north.pk}/"))
    ) is is_said


def test_page_asks_the_same_queries_for_few_and_for_many(house, readings, dossiers, sign_in):
    joost = sign_in(house.joost)
    joost.get("/plan/")
    with CaptureQueriesContext(connection) as few:
        joost.get("/plan/")
    extra = [make_dossier(f"Nog {n}", team=house.north, person=house.anna, canary=f"x{n}") for n in range(3)]
    for n in range(3):
        team = Team.objects.create(name=f"Team {n}")
        plan_reading(readings.analysis, team, kind=PeriodKind.QUARTER, seed=1)
    PlanReading.objects.filter(team=None).update(customers=named(*dossiers, *extra))
    with CaptureQueriesContext(connection) as many:
        answer = joost.get("/plan/")
    assert (len(many), len(answer.context["buyers"]), len(answer.context["offer"].choices)) == (len(few), 5, 6)


def test_menu_shows_plan_to_those_to_whom_it_says_something(house, readings, sign_in):
    menus = {}
    for function in ("account_manager", "coach", "delivery", "director"):
        house.otto.memberships.all().delete()
        house.otto.function = function
        house.otto.save()
        menus[function] = 'href="/plan/"' in sign_in(house.otto).get("/keys/").content.decode()
    assert menus == {"account_manager": True, "coach": False, "delivery": False, "director": True}


@pytest.mark.parametrize("path", ["/plan/company/", "/team/company/"])
def test_a_company_without_a_name_yet_has_a_heading(path, house, readings, sign_in):
    Organisation.objects.all().delete()
    page = sign_in(house.joost).get(path).content.decode()
    assert "Het hele bedrijf" in re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1]
    assert "Het hele bedrijf" in re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)[1]
