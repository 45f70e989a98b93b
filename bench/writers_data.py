"""Fills an installation for bench/writers.py: forty customers, two teams, and imports that are read and wait."""

import json
import sys
from datetime import UTC, date, datetime

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402

from karma.customers.models import Customer, Responsibility  # noqa: E402
from karma.imports import operations as imports  # noqa: E402
from karma.imports import reading  # noqa: E402
from karma.imports.child import answer  # noqa: E402
from karma.people import operations as people  # noqa: E402
from karma.people.models import Person  # noqa: E402

NOW = datetime.now(UTC)


ROWS = 5000


def prepare(number: int) -> int:
    """A run that is read and rehearsed, so that one click lets a worker write it."""
    rows = [f"K{number}-{row};Klant {number}-{row};Plaats {row % 40}" for row in range(ROWS)]
    text = "\n".join(["Klantnummer;Klantnaam;Plaats", *rows]) + "\n"
    upload = imports.Upload("klanten.csv", [text.encode()])
    run = imports.begin(imports.Source(f"ERP {number}", currency="EUR"), [upload], by=None, at=NOW)
    imports.look(run)
    imports.read(run)
    return run.pk


def cookie_of(person: Person) -> str:
    browser = Client(headers={"host": "127.0.0.1"})
    browser.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def main() -> None:
    bea = Person.objects.create(name="Bea", email="bea@bench.example", role="administrator", joined_at=NOW)
    people.describe_company(people.Company("Bench", "Europe/Amsterdam", 1, "EUR", "nl"), by=bea, at=NOW)
    teams = [people.found_team(name, by=bea, at=NOW) for name in ("Noord", "Zuid")]
    made = Customer.objects.bulk_create(Customer(name=f"Klant {n}", created_at=NOW) for n in range(40))
    Responsibility.objects.bulk_create(
        Responsibility(customer=each, team=teams[0], from_on=date(2024, 1, 1)) for each in made
    )
    reading.answer_of_child = lambda asked, _: answer(json.loads(json.dumps(asked)))  # a child takes a second each
    runs = [prepare(number) for number in range(int(sys.argv[1]))]
    given = {
        "cookies": json.dumps([cookie_of(bea) for _ in range(10)]),
        "customers": json.dumps([each.pk for each in made]),
        "runs": json.dumps(runs),
        "rows": str(ROWS),
        "teams": json.dumps([each.pk for each in teams]),
    }
    print(json.dumps(given))


main()
