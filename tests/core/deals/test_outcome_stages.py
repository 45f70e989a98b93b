"""Stages that say the outcome, and parameters of which the data say nothing, do not lead the chances astray."""

from datetime import date

import numpy as np

from karma_core.deals import fit_hazards, rewind
from karma_core.simulate import Recipe, company_of


def test_prior_alone_settles_every_parameter():
    company = company_of(Recipe(ends_on=date(2026, 11, 22), customers=240))
    fit = fit_hazards(rewind(company.deals, as_of=company.as_of, history=company.stage_history))
    flattest = np.linalg.eigvalsh(fit.layout.penalty(fit.scales[0]))[0]
    assert flattest > 1e-5


def test_stage_that_is_the_outcome_explains_nothing():
    """Exports note it on the closing day; where that day begins a week of the deal's age it gave all away."""
    company = company_of(Recipe(ends_on=date(2026, 11, 22), customers=240))
    assert {"Gewonnen", "Verloren"} < set(company.stage_history["stage"])
    rewound = rewind(company.deals, as_of=company.as_of, history=company.stage_history)
    assert rewound.episodes is not None
    assert {"Gewonnen", "Verloren"} & set(rewound.episodes["stage"]) == set()
    assert set(rewound.episodes["stage"]) == {
        "Kennismaking",
        "Behoefte in kaart",
        "Offerte uitgebracht",
        "Onderhandeling",
    }
