"""Plan: how good earlier expectations were, and what becomes of deals, as far as the record tells."""

import pytest
from tests.app.plans.test_plan import text
from tests.factories.plans import FUNNEL, RECORD, begun_analysis, plan_reading

from karma.plans.before import Before
from karma.readings.enums import PeriodKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def seen(house, readings, sign_in):
    """What Anna reads on a plan, in her language."""

    def look(*, language: str = "nl", period: str = "quarter", **changes: object) -> str:
        house.anna.language = language
        house.anna.save()
        readings.north.record = {**RECORD, **changes}
        readings.north.save()
        return text(sign_in(house.anna).get(f"/plan/?period={period}"))

    return look


def test_each_quarter_stands_with_its_range_and_what_came_the_latest_first(seen):
    said = seen()
    summer, spring = "juli tot en met september 2025", "april tot en met juni 2025"
    assert said.index(summer) < said.index(spring)
    assert f"{summer} werd het € 320.000 € 240.000 … € 320.000" in said
    assert f"{spring} werd het € 200.000" in said


def test_the_dot_lies_where_the_amount_does():
    summer, spring = Before(RECORD, currency="EUR").quarters
    assert (summer.x, summer.width) == (spring.x, spring.width)
    assert summer.dot == f"{float(summer.x[:-1]) + float(summer.width[:-1]):.1f}%"
    assert float(spring.dot[:-1]) < float(spring.x[:-1]) < float(spring.line[:-1])


@pytest.mark.parametrize(
    ("language", "doubt", "closer", "not_closer", "alike"),
    [
        (
            "nl",
            "op de lange duur tussen de 6 en 9 van de 10 keer.",
            "De bandbreedte kwam 20% dichter bij dan het cijfer van vorig jaar.",
            "Hier kwam vorig jaar + 10% 12% dichter bij dan de bandbreedte.",
            "De bandbreedte kwam even dichtbij als exponentiële demping.",
        ),
        (
            "en",
            "in the long run it may hold between 6 and 9 times in 10.",
            "The range came 20% closer than last year's figure.",
            "Here last year + 10% came 12% closer than the range.",
            "The range came as close as exponential smoothing.",
        ),
    ],
)
def test_plain_rules_stand_beside_it_also_where_they_were_better(language, doubt, closer, not_closer, alike, seen):
    said = seen(language=language).replace("&#x27;", "'")
    assert all(sentence in said for sentence in (doubt, closer, not_closer, alike))


@pytest.mark.parametrize(
    ("changes", "told", "not_told"),
    [
        ({"inside_80": 6}, "mag er 2 van de 10 keer naast zitten.", "toeval"),
        ({"inside_80": 5}, "had er ongeveer zes gehad. Bij zo weinig kwartalen kan dat toeval zijn.", "mag er 2"),
        (
            {"inside_80": 2, "widen_by": 1.4},
            "had er ongeveer zes gehad. Het verschil is groter dan toeval",
            "mag er",
        ),
        ({"plans": 4, "inside_80": 1}, "te weinig om de bandbreedte aan af te meten.", "toeval"),
    ],
)
def test_quarters_outside_the_range_are_judged_by_how_many_there_were(changes, told, not_told, seen):
    said = seen(**changes)
    assert told in said
    assert not_told not in said


def test_how_far_it_follows_last_year_is_said_of_the_quarter_only(seen):
    told = "dan vroeg vorig jaar plus 10% nu € 11 meer. Onze verwachting lag dan € 3 hoger."
    assert told in seen()
    assert "dan vroeg vorig jaar plus 10%" not in seen(period="year")


@pytest.mark.parametrize(("slope", "words"), [(0.04, "veranderde dan nauwelijks"), (-0.2, "lag dan € 2 lager")])
def test_an_expectation_may_stay_or_fall(slope, words, seen):
    assert words in seen(ratchet={"last_year_plus_10": 1.1, "expectation": slope})


def test_without_a_last_year_nothing_is_said_of_following_it(seen):
    assert "dan vroeg vorig jaar" not in seen(ratchet={"last_year_plus_10": None, "expectation": None})


def test_what_becomes_of_deals_stands_by_kind_of_customer_and_by_stage(seen):
    said = seen()
    assert (
        "Van de 100 aanvragen die binnenkomen worden er ongeveer 33 gewonnen; 9 van de 10 keer tussen 28 en 39."
        in said
    )
    assert "Installateurs binnengekomen 240 gewonnen van 100 38 33 … 44" in said
    assert "segment onbekend binnengekomen 172" in said
    assert "Offerte binnengekomen 210 gewonnen van 100 58" in said
    assert "er volgt geen aantal telefoontjes of offertes uit" in said


def test_how_good_chances_were_stands_with_them(seen):
    said = seen()
    assert "Op zes eerdere dagen hadden we samen 1.514 keer de kans van een aanvraag genoemd." in said
    assert "Die kwamen 5% dichter bij dan het gemiddelde van zulke aanvragen." in said
    worse = seen(deals={**RECORD["deals"], "brier": 0.22})
    assert "Het gemiddelde van zulke aanvragen kwam 9% dichter bij." in worse


def test_of_nine_deals_nothing_is_said(seen):
    nine = [{**FUNNEL[0], "entered": 21, "still_open": 12}, *FUNNEL[1:]]
    assert "Wat er van aanvragen wordt" not in seen(deals={**RECORD["deals"], "funnel": nine})


def test_a_record_of_an_earlier_version_is_said_as_far_as_it_goes(house, dossiers, sign_in):
    old = {"plans": 8, "inside_80": 7, "inside_90": 8, "compared": 8}
    plan_reading(begun_analysis(), house.north, kind=PeriodKind.QUARTER, seed=1, record=old)
    said = text(sign_in(house.anna).get("/plan/"))
    assert "Van de laatste acht kwartalen" in said
    assert "Kwartaal voor kwartaal" not in said
