"""The record of a plan, as JSON keeps it, and ranges that it makes wider."""

import json
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from tests.app.readings.test_same_numbers import AS_OF, exports
from tests.factories.imports import imported
from tests.factories.people import TODAY

from karma.common.enums import JobStatus
from karma.common.models import Job
from karma.facts.gathering import gather
from karma.readings import asking, queries, tasks
from karma.readings.computing import WIDENED, expect
from karma.readings.enums import PeriodKind
from karma.readings.models import PlanReading
from karma.readings.operations import analyse
from karma.readings.recording import deals_record, earlier_quarters, record_of
from karma_core.periods import Period

pytestmark = pytest.mark.django_db
QUARTER = Period(date(2026, 1, 1), date(2026, 4, 1))


@pytest.fixture
def facts(house):
    imported(exports())
    return gather(AS_OF, today=TODAY)


def test_a_record_holds_each_quarter_the_ratchet_and_the_deals(facts):
    record = json.loads(json.dumps(record_of(facts, QUARTER, draws=60)))
    earlier = {row["from"]: row for row in record["earlier"]}
    assert list(earlier)[-3:] == ["2025-04-01", "2025-07-01", "2025-10-01"]
    spring = facts.lines.filter(pl.col("on").is_between(date(2025, 4, 1), date(2025, 7, 1), closed="left"))
    assert earlier["2025-04-01"]["actual_cents"] == (spring["revenue_cents"] - spring["cost_cents"]).sum()
    assert record["ratchet"]["last_year_plus_10"] == pytest.approx(1.1, abs=0.01)
    assert record["ratchet"]["expectation"] < 1.1
    assert record["deals"]["as_of"] == f"{AS_OF}"
    whole = record["deals"]["funnel"][0]
    assert (whole["segment"], whole["entered"], whole["won"], whole["still_open"]) == ("all", 40, 17, 6)


def test_without_deals_there_is_no_record_of_deals(facts):
    assert deals_record(replace(facts, deals=facts.deals.clear()), days=90) == {}


def test_deals_alone_have_earlier_quarters_too(facts):
    bare = replace(facts, lines=facts.lines.clear())
    later = Period(date(2026, 7, 1), date(2026, 10, 1))
    assert [period.start for _, period in earlier_quarters(bare, later)] == [date(2026, 1, 1), date(2026, 4, 1)]


def _missed_by(times: float) -> None:
    shown = PlanReading.objects.filter(team=None, period_kind=PeriodKind.QUARTER)
    shown.update(record={"widen_by": times, "earlier": []})


def _width(plan) -> int:
    return plan.grid[90] - plan.grid[10]


def test_ranges_that_clearly_missed_are_wider_from_the_next_analysis_on(facts, house):
    analyse(AS_OF)
    before = {kind: queries.plan_of(None, kind) for kind in PeriodKind}
    _missed_by(2.0)
    analyse(AS_OF)
    for kind, narrow in before.items():
        wide = queries.plan_of(None, kind)
        assert _width(wide) == pytest.approx(2 * _width(narrow), rel=0.01)
        assert (WIDENED in wide.warnings, WIDENED in narrow.warnings) == (True, False)
    shown = queries.draws_of(queries.plan_of(None))
    assert expect(facts, QUARTER, widen_by=2.0).quantiles_cents == shown.quantiles_cents


def test_a_record_that_clearly_misses_asks_for_an_analysis(facts, monkeypatch):
    analyse(AS_OF)
    Job.objects.all().delete()
    monkeypatch.setattr(tasks, "look_back", lambda **_: 0)
    tasks.look_back_job(None)
    assert not Job.objects.filter(kind=asking.KIND).exists()
    _missed_by(1.4)
    tasks.look_back_job(None)
    assert Job.objects.filter(kind=asking.KIND, job_status=JobStatus.QUEUED).count() == 1
    analyse(AS_OF)
    Job.objects.all().delete()
    tasks.look_back_job(None)
    assert not Job.objects.filter(kind=asking.KIND).exists()
