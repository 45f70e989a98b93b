"""What Plan says on the screen is what `karma plan` says of the same facts."""

import json

import pytest
from tests.app.plans.test_plan import text
from tests.app.readings.test_same_numbers import AS_OF, QUARTER, exports
from tests.factories.imports import imported

from karma import cli
from karma.readings.operations import analyse
from karma_core.money import in_words
from karma_core.words import chance_in_words, round_to_range

pytestmark = pytest.mark.django_db


def test_screen_says_the_numbers_of_the_command_line(house, sign_in, capsys, monkeypatch):
    imported(exports())
    analyse(AS_OF)
    monkeypatch.setattr("karma.cli.plan._set_up", lambda: None)
    ask = ["plan", "--organisation", *QUARTER, "--json"]
    assert cli.run(ask) == 0
    amount = json.loads(capsys.readouterr().out)["quantiles_cents"]["p75"] // 100
    assert cli.run([*ask, "--amount", f"{amount}"]) == 0
    told = json.loads(capsys.readouterr().out)
    answer = sign_in(house.joost).get(f"/plan/company/?amount={amount}")
    saying, quantiles = answer.context["saying"], told["quantiles_cents"]
    assert saying.quantiles == quantiles
    assert [vars(source) for source in saying.said.sources] == told["sources"]
    assert (saying.row.realised_cents, saying.row.mean_cents) == (told["realised_cents"], told["mean_cents"])
    asked = told["chance_of"][-1]
    assert f"halen is {chance_in_words(asked['chance'], language='nl')}." in text(answer)
    width = quantiles["p95"] - quantiles["p05"]
    middle = in_words(round_to_range(quantiles["p50"], width_cents=width), currency="EUR", language="nl")
    assert f"We mogen op ongeveer {middle} marge rekenen" in text(answer)
