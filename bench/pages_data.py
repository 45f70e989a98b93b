"""Fills an installation with customers and deals for bench/pages.py, and prints eight cookies of each who looks.

Half of the customers belong to team Noord, fifty to team Klein, the others to nobody in particular.
"""

import json
import sys
from datetime import UTC, date, datetime, timedelta

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from karma.customers.models import Customer, CustomerSegment, Responsibility  # noqa: E402
from karma.deals.models import Deal  # noqa: E402
from karma.people import operations  # noqa: E402
from karma.people.models import Person, Team  # noqa: E402

NOW = datetime.now(UTC)
START = date(2024, 1, 1)
OUTCOMES = ("open", "won", "lost", "won", "lost")
KLEIN = 50


def people() -> dict[str, Person]:
    made = {}
    for name, role in (("Beheer", "administrator"), ("Anna", "member"), ("Klein", "member")):
        made[name] = Person.objects.create(
            name=name, email=f"{name.lower()}@bench.example", role=role, joined_at=NOW
        )
    return made


def teams(who: dict[str, Person]) -> dict[str, Team]:
    company = operations.Company("Bench", "Europe/Amsterdam", 1, "EUR", "nl")
    operations.describe_company(company, by=who["Beheer"], at=NOW)
    made = {name: operations.found_team(name, by=who["Beheer"], at=NOW) for name in ("Noord", "Zuid", "Klein")}
    for person, team in (("Anna", "Noord"), ("Klein", "Klein")):
        operations.join_team(who[person], team=made[team], is_lead=True, on=START, by=who["Beheer"], at=NOW)
    return made


def customers(number: int, all_teams: dict[str, Team], anna: Person) -> None:
    Customer.objects.bulk_create(
        [
            Customer(name=f"{chr(65 + n * 7919 % 26)}bedrijf {n * 7919 % number:06d}", number=f"K{n}",
                     created_at=NOW, city=f"Plaats {n * 31 % 900}", industry=f"Branche {n % 40}")
            for n in range(number)
        ],
        batch_size=5000,
    )  # fmt: skip
    for keys in _batches(Customer.objects.order_by("pk").values_list("pk", flat=True)):
        CustomerSegment.objects.bulk_create(
            CustomerSegment(customer_id=key, segment=f"Segment {key % 40}", from_on=START) for key in keys
        )
        Responsibility.objects.bulk_create(
            Responsibility(customer_id=key, team=_team(key, all_teams), person=_person(key, anna), from_on=START)
            for key in keys
        )


def _team(key: int, all_teams: dict[str, Team]) -> Team:
    return all_teams["Klein" if key % 2 and key <= 2 * KLEIN else "Zuid" if key % 2 else "Noord"]


def _person(key: int, anna: Person) -> Person | None:
    return anna if key % 4 == 0 else None


def deals(number: int, anna: Person) -> None:
    keys = list(Customer.objects.values_list("pk", flat=True))
    for numbers in _batches(range(number)):
        Deal.objects.bulk_create(
            Deal(title=f"{chr(65 + n * 31 % 26)}aanvraag {n}", customer_id=keys[n * 13 % len(keys)], owner=anna,
                 outcome=OUTCOMES[n % 5], stage=f"Fase {n % 7}", opened_on=START + timedelta(days=n * 17 % 900),
                 expected_close_on=START + timedelta(days=n * 19 % 1200), revenue_cents=n * 101, currency="EUR")
            for n in numbers
        )  # fmt: skip


def _batches(items):
    items = list(items)
    return (items[start : start + 5000] for start in range(0, len(items), 5000))


def cookie_of(person: Person) -> str:
    browser = Client(headers={"host": "127.0.0.1"})
    browser.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def main() -> None:
    number = int(sys.argv[1])
    who = people()
    with transaction.atomic():
        all_teams = teams(who)
        customers(number, all_teams, who["Anna"])
        deals(number, who["Anna"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(json.dumps({name: [cookie_of(person) for _ in range(8)] for name, person in who.items()}))


main()
