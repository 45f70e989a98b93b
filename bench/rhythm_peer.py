"""Runs one fit or one count in whatever interpreter starts it; called by rhythm.py, once per peer.

    python bench/rhythm_peer.py ours bg_nbd customers.npz

Prints one JSON document: seconds of the work itself (imports left out, and reading too but for count), the
processor's seconds, its result, and the peak of resident memory in megabytes.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np

AS_OF_DAY = 19_100


def fit_ours(model: str, x, t_x, T):
    import polars as pl

    from karma_core.rhythm import fit

    statistics = pl.DataFrame({"x": x, "t_x": t_x, "T": T})
    start = time.perf_counter()
    fitted = fit(statistics, model=model)
    return time.perf_counter() - start, fitted.parameters


def fit_lifetimes(model: str, x, t_x, T):
    from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

    kinds = {"bg_nbd": BetaGeoFitter, "mbg_nbd": ModifiedBetaGeoFitter, "pareto_nbd": ParetoNBDFitter}
    start = time.perf_counter()
    fitter = kinds[model]().fit(x, t_x, T)
    return time.perf_counter() - start, dict(fitter.params_)


def fit_pymc(model: str, x, t_x, T):
    import pandas as pd
    from pymc_extras.prior import Prior
    from pymc_marketing.clv import BetaGeoModel, ModifiedBetaGeoModel, ParetoNBDModel

    kinds = {"bg_nbd": BetaGeoModel, "mbg_nbd": ModifiedBetaGeoModel, "pareto_nbd": ParetoNBDModel}
    names = ("r", "alpha", "s", "beta") if model == "pareto_nbd" else ("a", "b", "r", "alpha")
    data = pd.DataFrame({"customer_id": np.arange(len(x)), "frequency": x, "recency": t_x, "T": T})
    start = time.perf_counter()
    peer = kinds[model](data=data, model_config={name: Prior("HalfFlat") for name in names})
    peer.build_model()
    result = peer.fit(method="map", progressbar=False)
    seconds = time.perf_counter() - start
    return seconds, {name: float(result.posterior[name].values.ravel()[0]) for name in names}


def count_ours(path: str):
    from datetime import date, timedelta

    import polars as pl

    from karma_core.frames import collect_statistics

    as_of = date(1970, 1, 1) + timedelta(days=AS_OF_DAY)
    start, processor = time.perf_counter(), time.process_time()
    statistics = collect_statistics(pl.scan_parquet(path), as_of=as_of)
    took = time.perf_counter() - start, time.process_time() - processor
    return *took, {"customers": len(statistics), "x": int(statistics["x"].sum())}


def days_ours(path: str):
    """What lifetimes counts and nothing more: days from two columns, without gaps and money."""
    from datetime import date, timedelta

    import polars as pl

    from karma_core.frames import collect_days
    from karma_core.packing import name_order

    as_of = date(1970, 1, 1) + timedelta(days=AS_OF_DAY)
    start, processor = time.perf_counter(), time.process_time()
    bare = {"revenue_cents": pl.lit(0, pl.Int64), "cost_cents": pl.lit(None, pl.Int64)}
    days = collect_days(pl.scan_parquet(path).select("customer", "on", **bare), as_of=as_of)
    columns = {"x": days.x, "t_x": days.last - days.first, "T": AS_OF_DAY - 1 - days.first}
    counted = pl.DataFrame({"customer": days.money["customer"], **columns})[name_order(days.money["customer"])]
    took = time.perf_counter() - start, time.process_time() - processor
    return *took, {"customers": len(counted), "x": int(counted["x"].sum())}


def shared_ours(path: str):
    """The same by the shared group-bys, on Polars: what a Spark session would be asked, without money and gaps."""
    import polars as pl

    from karma_core.frames import customer_statistics, with_day_numbers

    start, processor = time.perf_counter(), time.process_time()
    bare = {"revenue_cents": pl.lit(0, pl.Int64), "cost_cents": pl.lit(None, pl.Int64)}
    lines = with_day_numbers(pl.scan_parquet(path).select("customer", "on", **bare))
    counted = customer_statistics(lines, before=AS_OF_DAY).select("customer", "x", "t_x", "T")
    counted = counted.collect(engine="streaming")
    took = time.perf_counter() - start, time.process_time() - processor
    return *took, {"customers": len(counted), "x": int(counted["x"].sum())}


def count_lifetimes(path: str):
    import pandas as pd
    from lifetimes.utils import summary_data_from_transaction_data

    start, processor = time.perf_counter(), time.process_time()
    lines = pd.read_parquet(path, columns=["customer", "on"])
    counted = summary_data_from_transaction_data(lines, "customer", "on")
    took = time.perf_counter() - start, time.process_time() - processor
    return *took, {"customers": len(counted), "x": int(counted["frequency"].sum())}


def main() -> None:
    """Run what is asked and print it."""
    warnings.filterwarnings("ignore")
    who, what, path = sys.argv[1:]
    counts = {"count": count_ours, "days": days_ours, "shared_days": shared_ours}
    if what in counts:
        ours = counts[what]
        seconds, processor, result = (ours if who == "ours" else count_lifetimes)(path)
    else:
        data = np.load(Path(path))
        fits = {"ours": fit_ours, "lifetimes": fit_lifetimes, "pymc": fit_pymc}
        # Peers are handed weeks, the unit in which their starting values were chosen; ours reads whole days.
        per = 1 if who == "ours" else 7.0
        t_x, T = (data[name] if who == "ours" else data[name] / per for name in ("t_x", "T"))
        before = time.process_time()
        seconds, found = fits[who](what, data["x"], t_x, T)
        processor = time.process_time() - before  # imports included
        result = {name: float(value) * (per if name in ("alpha", "beta") else 1) for name, value in found.items()}
    # The resource module would report the peak of the process that started this one.
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024
    told = {
        "seconds": round(seconds, 4),
        "processor_seconds": round(processor, 2),
        "result": result,
        "peak_mb": peak,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
