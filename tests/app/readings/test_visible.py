"""Who sees which reading; foreign and absent look alike, and what is not complete is not there."""

from datetime import date

import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser
from tests.factories.people import TODAY
from tests.factories.readings import make_analysis, make_core_reading, make_customer_reading, make_plan_reading

from karma.people.models import Person
from karma.readings import queries
from karma.readings.enums import AnalysisStatus
from karma.readings.models import Analysis, CustomerReading, PlanReading


@pytest.fixture
def read(house, dossiers) -> Analysis:
    analysis = make_analysis()
    for dossier in dossiers:
        make_customer_reading(analysis, dossier.customer)
    for team in (house.north, house.south, None):
        make_plan_reading(analysis, team)
    return analysis


def seen_customers(person: Person) -> set[str]:
    rows = CustomerReading.objects.visible_to(person, on=TODAY)
    return {name.split()[1] if name.startswith("De") else name.split()[0] for name in
            rows.values_list("customer__name", flat=True)}  # fmt: skip


def test_customer_readings_follow_the_customers(house, read):
    assert seen_customers(house.anna) == {"Vries"}
    assert seen_customers(house.otto) == {"Jansen"}
    assert seen_customers(house.joost) == seen_customers(house.bea) == {"Vries", "Jansen"}
    assert not CustomerReading.objects.visible_to(AnonymousUser(), on=TODAY).exists()


def test_plans_are_for_members_and_whoever_sees_everything(house, read):
    def seen(person: Person, on: date = TODAY) -> set[str]:
        teams = PlanReading.objects.visible_to(person, on=on).values_list("team__name", flat=True)
        return {name or "whole" for name in teams}

    assert seen(house.anna) == seen(house.marijke) == {"Noord"}
    assert seen(house.otto) == {"Zuid"}
    assert seen(house.joost) == seen(house.bea) == {"Noord", "Zuid", "whole"}
    assert seen(house.anna, on=date(2023, 1, 1)) == set()
    assert not PlanReading.objects.visible_to(AnonymousUser(), on=TODAY).exists()


@pytest.mark.parametrize("status", [AnalysisStatus.RUNNING, AnalysisStatus.FAILED])
def test_what_is_not_complete_is_not_there(house, dossiers, read, status):
    later = make_analysis(status=status)
    make_customer_reading(later, dossiers[0].customer, "asleep")
    make_plan_reading(later, house.north)
    assert queries.reading_of(dossiers[0].customer).customer_state == "call_now"
    assert queries.plan_of(house.north).analysis == read
    assert CustomerReading.objects.visible_to(house.joost, on=TODAY).count() == 2
    assert PlanReading.objects.visible_to(house.joost, on=TODAY).count() == 3


def test_without_an_analysis_everything_is_empty(house, dossiers):
    assert queries.reading_of(dossiers[0].customer) is None
    assert queries.plan_of(None) is None
    assert queries.states(house.bea, on=TODAY) == {}
    assert queries.standing() == queries.Standing(None, None, None)
    with pytest.raises(Analysis.DoesNotExist):
        Analysis.objects.latest()


def test_draws_survive_the_table(read):
    said, kept = make_core_reading(), queries.draws_of(queries.plan_of(None))
    assert np.array_equal(kept.draws.total, said.draws.total)
    assert kept.chance_of(39_000_000) == said.chance_of(39_000_000)
    assert (kept.sources, kept.fan, kept.warnings) == (said.sources, said.fan, said.warnings)


def test_of_an_earlier_analysis_only_the_grid_is_kept(read):
    plan = queries.plan_of(None)
    plan.draws = None
    with pytest.raises(ValueError, match="only the grid"):
        queries.draws_of(plan)
    assert plan.grid[50] == queries.draws_of(queries.plan_of(None)).quantiles_cents["p50"]
