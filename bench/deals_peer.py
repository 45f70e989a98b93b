"""hazardous' SurvivalBoost on the deals of bench/deals.py: run in bench/.venv-hazardous, with a file of arrays.

Prints seconds, and of new deals the distance to the true incidence and the integrated Brier score.
"""

import json
import sys
import time

import numpy as np
import pandas as pd
from hazardous import SurvivalBoost

given = np.load(sys.argv[1])
names = ["seller", "segment", "source", "size"]
known = pd.DataFrame(given["known"], columns=names)
ends = pd.DataFrame({"event": given["event"], "duration": given["duration"]})
model = SurvivalBoost(show_progressbar=False, random_state=0)
started, began = time.perf_counter(), time.process_time()
model.fit(known, ends)
seconds, processor = time.perf_counter() - started, time.process_time() - began
weeks = np.arange(given["truth"].shape[1])
said = model.predict_cumulative_incidence(pd.DataFrame(given["new"], columns=names), times=weeks + 1.0)[:, 1]
print(
    json.dumps(
        {
            "seconds": round(seconds, 2),
            "processor": round(processor, 2),
            "L1": round(float(np.abs(said - given["truth"]).mean()), 4),
            "IBS": round(float(((said - given["happened"]) ** 2).mean()), 5),
        }
    )
)
