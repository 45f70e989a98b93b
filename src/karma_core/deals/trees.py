"""The challenger: boosted trees over what was known on past days. Imported only when it is asked to speak.

scikit-learn takes a second to load and two hundred megabytes; most questions are answered without it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from karma_core.deals.calendar import month_of_year
from karma_core.deals.hazard import DealsFit
from karma_core.deals.landmarks import Landmark
from karma_core.deals.odds import average, log_odds
from karma_core.deals.rewind import Rewound

Floats = NDArray[np.float64]

FEWEST_ROWS, FEWEST_WINS = 1000, 100


def would_have_said(landmarks: Sequence[Landmark]) -> list[Floats | None]:
    """The trees' chances at each landmark, learned on those whose horizon was over; null where too few were."""
    said: list[Floats | None] = []
    for landmark in landmarks:
        known = [one for one in landmarks if one.over <= landmark.then.as_of]
        fit, chance = _first(landmark)
        said.append(speak(known, fit, landmark.then, chance))
    return said


def speak(known: Sequence[Landmark], fit: DealsFit, then: Rewound, chance: Floats) -> Floats | None:
    """The trees' chances for the deals open `then`, learned on the landmarks `known`; null below 1,000 rows.

    A row is a deal open on a past day: its levels as `fit` knows them, its age, the month, and what the hazards
    said, from which the trees start. Half of the trees' word counts, in log-odds, beside the hazards' own.
    """
    happened = np.concatenate([landmark.happened for landmark in known]) if known else np.zeros(0, bool)
    if happened.size < FEWEST_ROWS or happened.sum() < FEWEST_WINS or happened.all() or not chance.size:
        return None
    rows = np.concatenate([_rows(fit, landmark.then, _first(landmark)[1]) for landmark in known])
    labels = [factor.edges is None for factor in fit.kinds.factors]
    trees = HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=80,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=5.0,
        early_stopping=False,
        categorical_features=[*labels, True, False, True, False],
        random_state=1,
    ).fit(rows, happened)
    own = trees.predict_proba(_rows(fit, then, chance))[:, 1]
    return average(own, chance)


def _rows(fit: DealsFit, then: Rewound, chance: Floats) -> Floats:
    deals = then.open
    position = {stage: i for i, stage in enumerate(fit.stages)}
    stage = [position.get(s or "", 0) for s in deals["stage"].to_list()]
    opened = deals["opened"].to_numpy()
    return np.column_stack(
        [fit.kinds.codes(deals), stage, then.as_of - opened, month_of_year(opened), log_odds(chance)]
    ).astype(np.float64)


def _first(landmark: Landmark) -> tuple[DealsFit, Floats]:
    calendar = next(iter(landmark.fits))
    return landmark.fits[calendar], landmark.chance[calendar]
