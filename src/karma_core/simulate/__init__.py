"""Whole companies with a known truth: for the demo, the calibration studies and the benchmarks."""

from karma_core.simulate.contents import Company, Truth
from karma_core.simulate.expected import expected_margin
from karma_core.simulate.export_erp import erp_exports
from karma_core.simulate.export_hubspot import hubspot_exports
from karma_core.simulate.making import company, company_of
from karma_core.simulate.mirror import MirrorDeals, mirror_deals
from karma_core.simulate.recipe import FAMILIES, Recipe, SimulateError
from karma_core.simulate.rewind import known_before

__all__ = [
    "FAMILIES",
    "Company",
    "MirrorDeals",
    "Recipe",
    "SimulateError",
    "Truth",
    "company",
    "company_of",
    "erp_exports",
    "expected_margin",
    "hubspot_exports",
    "known_before",
    "mirror_deals",
]
