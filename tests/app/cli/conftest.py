"""Running a command in its own words: what it printed, and its exit status."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from karma.cli import run


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.out)


@pytest.fixture
def karma(capfd) -> Callable[..., Ran]:
    def command(*arguments: object) -> Ran:
        capfd.readouterr()
        status = run([str(argument) for argument in arguments])
        printed = capfd.readouterr()
        return Ran(status, printed.out, printed.err)

    return command


@pytest.fixture
def speak(monkeypatch) -> Callable[[str], None]:
    """Let the command line speak "nl" or "en" from here on."""
    return lambda tag: monkeypatch.setenv("KARMA_LANGUAGE", tag)


@pytest.fixture
def sales(tmp_path) -> Path:
    """A Dutch ERP's lines: 40 customers who buy every three to eight weeks for two years, and some credits."""
    rng = np.random.default_rng(7)
    rows = ["Klantnummer;Factuurnummer;Factuurdatum;Netto bedrag;Kostprijs"]
    for number in range(40):
        gap = int(rng.integers(21, 56))
        day = date(2024, 1, 1) + timedelta(days=int(rng.integers(0, 90)))
        stops = date(2025, 6, 1) if number % 8 == 0 else date(2026, 1, 1)
        while day < stops:
            cents = int(rng.integers(20_000, 200_000))
            rows.append(f"K{number:03};F{len(rows)};{day:%d-%m-%Y};{_dutch(cents)};{_dutch(cents * 7 // 10)}")
            if rng.random() < 0.03:
                rows.append(f"K{number:03};C{len(rows)};{day:%d-%m-%Y};{_dutch(-cents // 2)};{_dutch(0)}")
            day += timedelta(days=max(1, round(gap * rng.gamma(6, 1 / 6))))
    path = tmp_path / "verkoopregels.csv"
    path.write_text("\r\n".join(rows) + "\r\n", encoding="cp1252")
    return path


def _dutch(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}{whole:,}".replace(",", ".") + f",{rest:02}"
