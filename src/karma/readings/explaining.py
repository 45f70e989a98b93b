"""Which facts moved a customer's reading, and by how much: in order of weight.

Need is a product: the chance that the customer is still ours, times how unusual the silence is, times how near it
comes to the longest so far. So a fact's effect is exact: the need as it is, less the need without that fact.
"""

from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]


def explanation_of(row: Row) -> list[dict[str, Any]]:
    """The facts behind one row of `computing.Customers`, those first that moved it most.

    Each has a `fact`, what it is (`days`, `usual_days`, `times`, `since`, `subject`), and `effect`: what it added
    to the need, -1 to 1. An open deal that decides the state has effect 1.
    """
    facts = [*_open_deal(row), *_of_purchases(row)]
    return sorted(facts, key=lambda fact: -abs(fact["effect"]))


def _open_deal(row: Row) -> Iterator[dict[str, Any]]:
    if row["since"] is not None:
        decides = row["customer_state"] == "lead_by_hand"
        yield {
            "fact": "open_deal",
            "since": f"{row['since']}",
            "subject": row["subject"],
            "effect": 1.0 if decides else 0.0,
        }


def _of_purchases(row: Row) -> Iterator[dict[str, Any]]:
    if row.get("days_T") is None:
        return
    need, active, unusual, against = (
        row[name] for name in ("need", "chance_active", "unusual", "against_longest")
    )
    silent = row["days_T"] - row["days_t_x"] + 1
    yield {"fact": "silence", "days": silent, "usual_days": row["typical_gap"], "effect": _round(need)}
    yield {"fact": "still_customer", "effect": _round(need - unusual * against)}
    if row["longest_gap"] is not None:
        yield {"fact": "longest", "days": row["longest_gap"], "effect": _round(need - active * unusual)}
    yield {"fact": "purchases", "times": row["x"] + 1, "days": row["days_T"] + 1, "effect": 0.0}


def _round(effect: float) -> float:
    return round(float(effect), 3)
