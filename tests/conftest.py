"""What all tests share: the sample data, and a plain account of what this machine leaves out."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

LEAVE_NOTHING_OUT = os.environ.get("KARMA_LEAVE_NOTHING_OUT") == "1"
SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def sample_data() -> Callable[[str], Path]:
    """Find a file or folder of sample data beside the project, or skip with the reason."""

    def find(name: str) -> Path:
        path = SAMPLES / name
        if not path.exists():
            pytest.skip(f"sample data '{name}' does not lie beside the project (../shared/data)")
        return path

    return find


@pytest.fixture(scope="session")
def spark_address() -> Iterator[str]:
    """A Spark Connect server beside the tests, in Rust and without Java.

    A pytest-xdist process runs no file, and pyspark takes whoever runs none for its own doctests.
    """
    from pysail.spark import SparkConnectServer

    vars(sys.modules["__main__"]).setdefault("__file__", __file__)
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    yield f"sc://{host}:{port}"
    server.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn a skip into a failure where nothing may be left out."""
    report = yield
    if LEAVE_NOTHING_OUT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"left out, while nothing may be: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter):
    """Say what this machine left out and how to include it."""
    reasons = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])}
    if reasons:
        terminalreporter.section("left out on this machine")
        for reason in sorted(reasons):
            terminalreporter.line(f"- {reason.removeprefix('Skipped: ')}")
        terminalreporter.line("Run .ci/run to install what is missing and leave nothing out.")
