"""Adds lines of sale and closing days to what bench/pages_data.py made: each customer buys at its own pace."""

import sys
from datetime import UTC, datetime, timedelta

import django

django.setup()

import numpy as np  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from karma.customers.models import Customer  # noqa: E402

DAYS = 1400
INSERT = """INSERT INTO deals_purchaseline
    (customer_id, "on", invoice, order_number, product, product_name, revenue_cents, cost_cents, currency,
     original_currency, legal_entity, source, source_key)
    VALUES (%s, %s, %s, '', %s, '', %s, %s, 'EUR', '', '', 'ERP', %s)"""


def lines(number: int) -> None:
    """About `number` lines in the last 1,400 days; a third of the customers stopped somewhere on the way."""
    rng = np.random.default_rng(1)
    keys = np.array(list(Customer.objects.order_by("pk").values_list("pk", flat=True)))
    rate = rng.gamma(0.8, 1.0, len(keys))
    who = rng.choice(len(keys), size=int(number * 1.2), p=rate / rate.sum())
    stopped = np.where(rng.random(len(keys)) < 0.33, rng.integers(100, DAYS, len(keys)), DAYS)
    day = rng.integers(0, DAYS, len(who))
    kept = np.flatnonzero(day < stopped[who])[:number]
    kept = kept[np.argsort(day[kept], kind="stable")]
    revenue = np.rint(rng.lognormal(10, 1, len(kept))).astype(int)
    first = datetime.now(UTC).date() - timedelta(days=DAYS)
    for start in range(0, len(kept), 20_000):
        some = range(start, min(start + 20_000, len(kept)))
        rows = [
            (
                int(keys[who[kept[i]]]), f"{first + timedelta(days=int(day[kept[i]]))}",
                f"F{i // 3}", f"A{i % 900}",
                int(revenue[i]), int(revenue[i] * 0.68), f"F{i // 3}-{i}",
            )
            for i in some
        ]  # fmt: skip
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(INSERT, rows)


def closing_days() -> None:
    """Deals of pages_data.py have no closing day: they closed some weeks after they opened."""
    day = "date(opened_on, '+' || (10 + id % 90) || ' days')"
    if connection.vendor == "postgresql":
        day = "opened_on + (10 + id % 90)::int"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE deals_deal SET closed_on = {day} WHERE outcome <> 'open'")


lines(int(sys.argv[1]))
closing_days()
print("{}")
