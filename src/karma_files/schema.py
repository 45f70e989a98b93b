"""What each kind of file says: one table of kinds, their fields, and the names these go by."""

from dataclasses import dataclass

import polars as pl

from karma_core.frames import CUSTOMER_PLANS, DEALS, PURCHASES, STAGE_HISTORY, Column, Contract
from karma_files import aliases

SORTS = ("text", "date", "amount", "number", "chance", "choice", "flag", "currency")


@dataclass(frozen=True)
class Field:
    """One thing that a row can say.

    `names` are tiers of column names, strongest first, written as people write them: within a tier two columns
    that match are ambiguous, between tiers the stronger wins.
    """

    name: str
    sort: str
    names: tuple[tuple[str, ...], ...]
    english: str
    dutch: str


@dataclass(frozen=True)
class Kind:
    """A kind of file: its fields, which of them must be there, and the contract of the frame that comes out.

    `required` is a list of alternatives: of each, one set of fields must be recognised.
    """

    name: str
    english: str
    dutch: str
    fields: tuple[Field, ...]
    required: tuple[tuple[tuple[str, ...], ...], ...]
    contract: Contract

    def field(self, name: str) -> Field:
        """The field of that name."""
        return next(field for field in self.fields if field.name == name)


def _text(name: str, meaning: str, *, null: str = "not given") -> Column:
    return Column(name, pl.String, meaning, null=null, optional=True)


CUSTOMERS = Contract(
    "customers",
    (
        Column("customer", pl.String, "the customer's id, else its name"),
        Column("name", pl.String, "the customer's name"),
        _text("segment", "the customer's segment", null="unknown"),
        _text("owner", "the person responsible", null="nobody"),
        _text("email", "an address of the company"),
        _text("phone", "a number of the company"),
        _text("website", "the company's site"),
        _text("city", "where it is"),
        _text("country", "where it is"),
        _text("registration", "number in the trade register"),
        Column("since_on", pl.Date, "customer since, or made in the source", null="not known", optional=True),
    ),
)
CONTACTS = Contract(
    "contacts",
    (
        Column("contact", pl.String, "the contact's id, else e-mail, else name"),
        Column("name", pl.String, "the contact's full name"),
        _text("email", "e-mail address"),
        _text("phone", "telephone number"),
        _text("job_title", "what the contact does there"),
        _text("customer", "the customer's id or name", null="not linked"),
        _text("owner", "the person responsible", null="nobody"),
    ),
)
PEOPLE = Contract(
    "people",
    (
        Column("person", pl.String, "the person's id, else e-mail, else name"),
        Column("name", pl.String, "the person's full name"),
        _text("email", "e-mail address"),
        _text("team", "the team", null="not known"),
        _text("function", "the person's job", null="not known"),
        _text("manager", "the person's manager", null="not known"),
        Column("from_on", pl.Date, "first day", null="not known", optional=True),
        Column("until_on", pl.Date, "the day after the last", null="still there", optional=True),
    ),
)
RESPONSIBILITIES = Contract(
    "responsibilities",
    (
        Column("customer", pl.String, "the customer's id, else its name"),
        _text("person", "who of us answers for the customer", null="nobody"),
        _text("team", "the team that does", null="not known"),
        Column("from_on", pl.Date, "first day", null="not known", optional=True),
        Column("until_on", pl.Date, "the day after the last", null="still", optional=True),
    ),
)
CONTACT_MOMENTS = Contract(
    "contact moments",
    (
        Column("moment", pl.String, "the moment's id", null="not given"),
        Column("on", pl.Date, "the day it took place"),
        _text("channel", "call, email, meeting, visit, note or task", null="not known"),
        _text("customer", "the customer's id or name", null="not linked"),
        _text("contact", "the contact's id or name", null="not linked"),
        _text("deal", "the deal's id or name", null="not linked"),
        _text("person", "who of us", null="not known"),
        _text("subject", "what it was about"),
        _text("note", "what was written down"),
    ),
)

CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("deals", "outcome"): ("open", "won", "lost", "deleted"),
    ("purchases", "status"): ("kept", "cancelled", "draft"),
    ("contact_moments", "channel"): ("call", "email", "meeting", "visit", "note", "task"),
}


def _fields(kind: str) -> tuple[Field, ...]:
    return tuple(Field(*row) for row in aliases.FIELDS[kind])


AMOUNTS = (("revenue",), ("quantity", "unit_price"))
"""What says what a line of sale was worth."""

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "purchases",
            "purchases",
            "aankopen",
            _fields("purchases"),
            ((("customer",), ("customer_name",)), (("on",),), AMOUNTS),
            PURCHASES,
        ),
        Kind(
            "deals",
            "deals",
            "deals",
            _fields("deals"),
            ((("deal",), ("name",)), (("outcome",), ("is_won",), ("stage",))),
            DEALS,
        ),
        Kind(
            "stage_history",
            "stage history",
            "faseverloop",
            _fields("stage_history"),
            ((("deal",),), (("on",),), (("stage",),)),
            STAGE_HISTORY,
        ),
        Kind("customers", "customers", "klanten", _fields("customers"), ((("customer",), ("name",)),), CUSTOMERS),
        Kind(
            "contacts",
            "contacts",
            "contactpersonen",
            _fields("contacts"),
            ((("contact",), ("name",), ("last_name",), ("email",)),),
            CONTACTS,
        ),
        Kind(
            "people",
            "people",
            "mensen",
            _fields("people"),
            ((("person",), ("name",), ("last_name",), ("email",)),),
            PEOPLE,
        ),
        Kind(
            "responsibilities",
            "responsibilities",
            "verantwoordelijkheden",
            _fields("responsibilities"),
            ((("customer",), ("customer_name",)), (("person",), ("team",))),
            RESPONSIBILITIES,
        ),
        Kind(
            "customer_plans",
            "customers' plans",
            "klantplannen",
            _fields("customer_plans"),
            (
                (("customer",), ("customer_name",)),
                (("from_on", "until_on"), ("year",)),
                (("amount",),),
                (("stated_on",),),
            ),
            CUSTOMER_PLANS,
        ),
        Kind(
            "contact_moments",
            "contact moments",
            "contactmomenten",
            _fields("contact_moments"),
            ((("on",),), (("channel",), ("subject",), ("note",))),
            CONTACT_MOMENTS,
        ),
    )
}
