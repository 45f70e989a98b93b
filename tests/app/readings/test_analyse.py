"""The analysis from end to end, on small companies."""

from tests.factories.people import TODAY

from karma.readings import queries
from karma.readings.models import Analysis, CustomerReading, PlanReading
from karma.readings.operations import analyse


def test_an_analysis_reads_customers_and_plans(house, dossiers):
    heard = []
    analysis = analyse(TODAY, progress=lambda *told: heard.append(told))
    assert Analysis.objects.latest() == analysis
    assert {phase for _, _, phase in heard} == {"facts", "rhythm", "plan", "writing"}
    assert [done for done, _, _ in heard] == sorted(done for done, _, _ in heard)
    assert CustomerReading.objects.count() == 2
    assert {plan.team for plan in PlanReading.objects.all()} == {None, house.north, house.south}
    assert PlanReading.objects.count() == 9
    assert queries.plan_of(house.north).period_from.month == 1
