"""The same statistics on this machine, on Sail and on a real Spark: are they equal, and what does each take?

    python bench/rhythm_spark.py --lines 2000000

Writes lines of sale as a Parquet folder and counts them packed on this machine, on Sail, on Spark 4.2, and by the
shared group-bys on Polars. Spark needs Java 17 or later, and gets an environment of its own (bench/.venv-pyspark)
at the first run; Sail and Spark are asked by Spark Connect. Prints one JSON document: seconds, seconds of our own
processor, and whether every column is equal to the packed counts (the sum of logarithms to twelve digits).
"""

import argparse
import json
import os
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from environments import python_of
from rhythm import LAST_DAY, write_lines

from karma_core.frames import collect_statistics, shared_statistics, with_day_numbers

AS_OF = date(1970, 1, 1) + timedelta(days=LAST_DAY + 5)
FILES = 4


@contextmanager
def sail() -> Iterator[str]:
    """Where a Sail runs."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    yield f"sc://{host}:{port}"
    server.stop()


@contextmanager
def spark() -> Iterator[str]:
    """Where a real Spark runs, on two cores."""
    home = next(Path(python_of("pyspark")).parents[1].glob("lib/python3*/site-packages/pyspark"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"spark.connect.grpc.binding.port": port, "spark.connect.grpc.binding.address": "127.0.0.1"}
    settings |= {"spark.ui.enabled": "false", "spark.driver.bindAddress": "127.0.0.1"}
    command = [home / "bin" / "spark-submit", "--master", "local[2]", "--driver-memory", "2g"]
    command += [word for key, value in settings.items() for word in ("--conf", f"{key}={value}")]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
    python = python_of("pyspark")
    around = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": f"{home}", "PYSPARK_PYTHON": python}
    server = subprocess.Popen(command, env=around, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 180
        while time.monotonic() < until and server.poll() is None:
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(1)
        yield f"sc://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(60)


def on(address: str, folder: Path) -> pl.DataFrame:
    """The statistics as a Spark gives them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        from pyspark.sql import SparkSession

        session = SparkSession.builder.remote(address).create()
    lines = session.read.parquet(f"{folder}").selectExpr("*", "cast(unix_date(`on`) as bigint) as day")
    counted = shared_statistics(lines, as_of=AS_OF)
    session.stop()
    return counted


def timed(count: Callable[[], pl.DataFrame]) -> tuple[pl.DataFrame, dict]:
    start, processor = time.perf_counter(), time.process_time()
    counted = count()
    took = {
        "seconds": round(time.perf_counter() - start, 1),
        "own_processor_seconds": round(time.process_time() - processor, 1),
    }
    return counted, took


def equal(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    logs = np.allclose(one["log_gaps"].to_numpy(), other["log_gaps"].to_numpy(), rtol=1e-12, atol=1e-12)
    return one.drop("log_gaps").equals(other.drop("log_gaps")) and bool(logs)


def main() -> None:
    """Count on each and set them side by side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--out", type=Path, default=None)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for number in range(FILES):
            lines = asked.lines // FILES
            write_lines(folder / f"{number}.parquet", count=lines, rng=np.random.default_rng(number))
        scanned = pl.scan_parquet(folder / "*.parquet")
        packed, found = timed(lambda: collect_statistics(scanned, as_of=AS_OF))
        document = {"lines": asked.lines, "customers": len(packed), "packed here": found}
        for name, where in (("sail", sail), ("spark", spark)):
            with where() as address:
                counted, found = timed(lambda address=address: on(address, folder))
            document[name] = {**found, "equal": equal(counted, packed)}
        counted, found = timed(lambda: shared_statistics(with_day_numbers(scanned), as_of=AS_OF))
        document["polars, shared"] = {**found, "equal": equal(counted, packed)}
    print(json.dumps(document, indent=1))
    if asked.out:
        asked.out.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
