"""The customers' own people, and the moments of contact with them."""

import numpy as np
import numpy.typing as npt
import polars as pl

from karma_core.simulate.customers import EXISTING, Population
from karma_core.simulate.market import YEAR, Market, next_workday
from karma_core.simulate.names import FIRST_NAMES, JOB_TITLES, SURNAMES
from karma_core.simulate.responsibility import NOBODY, Responsibilities

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

KINDS = ("call", "email", "visit", "meeting")
KIND_SHARES = (0.42, 0.36, 0.15, 0.07)
KIND_MINUTES = (12, 5, 75, 45)
MOMENTS_A_YEAR, MOMENTS_EVENNESS = 2.6, 1.4
TOPICS = (
    ("Hoe staat het ervoor", "How are things", "Even bijgepraat over de drukte op de projecten."),
    (
        "Levertijd besproken",
        "Delivery time discussed",
        "Levertijd warmtepompen besproken, zij plannen in week 36.",
    ),
    ("Onderhoud inplannen", "Planning maintenance", "Onderhoudsbeurten voor dit kwartaal doorgenomen."),
    ("Vraag over regeling", "Question on controls", "Vraag over de regeling, technische dienst belt terug."),
    ("Plannen voor volgend jaar", "Plans for next year", "Plannen en budget voor volgend jaar doorgenomen."),
    ("Offerte toegelicht", "Quote explained", "Offerte toegelicht; ze willen het intern nog bespreken."),
    ("Storing nagebeld", "Called after a breakdown", "Storing is verholpen, nagevraagd of alles nu goed draait."),
    ("Nieuwe contactpersoon", "New contact person", "Kennisgemaakt met de opvolger op inkoop."),
    ("Bezoek op locatie", "Visit on site", "Rondgelopen in de technische ruimte, foto's gemaakt."),
    ("Bedankje na oplevering", "Thanks after completion", "Bedankt voor de samenwerking, ze zijn tevreden."),
)
FITTING = ((0, 1, 2, 3, 4, 5, 6, 9), (1, 2, 3, 4, 5, 9), (0, 4, 5, 7, 8, 8, 9), (0, 4, 5, 7))
"""The topics that fit each kind of contact, as places in TOPICS."""
NOTES_EN = (
    "Caught up on how busy the projects are.",
    "Talked about delivery of heat pumps; they plan for week 36.",
    "Went through the maintenance visits of this quarter.",
    "Question about the controls; engineering will call back.",
    "Went through plans and budget for next year.",
    "Explained the quote; they want to discuss it among themselves.",
    "The breakdown is solved; asked whether all runs well now.",
    "Met the successor in purchasing.",
    "Walked round the plant room and took pictures.",
    "Thanked them for working together; they are content.",
)


def draw_contacts(rng: np.random.Generator, *, customers: pl.DataFrame) -> pl.DataFrame:
    """Give each customer one to three people: contact, customer, names, email, phone and job_title.

    Mrs De Wit works at the first customer. Phone numbers are of a shape that nobody is given.
    """
    count = 1 + rng.integers(0, 3, customers.height)
    at = np.repeat(np.arange(customers.height), count)
    n = len(at)
    first, last, title = (rng.integers(0, len(words), n) for words in (FIRST_NAMES, SURNAMES, JOB_TITLES))
    first[0], last[0], title[0] = FIRST_NAMES.index("Ineke"), SURNAMES.index("de Wit"), 2
    frame = pl.DataFrame(
        {
            "contact": np.arange(n) + 5_000_001,
            "customer": customers["customer"].gather(at),
            "first_name": pl.Series(FIRST_NAMES).gather(first),
            "last_name": pl.Series(SURNAMES).gather(last),
            "job_title": pl.Series(JOB_TITLES).gather(title),
            "domain": customers["domain"].gather(at),
        }
    )
    return _with_addresses(frame)


def _with_addresses(frame: pl.DataFrame) -> pl.DataFrame:
    name = pl.concat_str("first_name", pl.lit(" "), "last_name")
    local = name.str.to_lowercase().str.replace_all(" ", ".", literal=True)
    number = pl.col("contact").cast(pl.String)
    return frame.select(
        number.alias("contact"),
        "customer",
        name.alias("name"),
        "first_name",
        "last_name",
        pl.concat_str(local, pl.lit("@"), "domain").alias("email"),
        pl.concat_str(pl.lit("06-0"), number).alias("phone"),
        "job_title",
    )


def draw_moments(
    rng: np.random.Generator,
    *,
    population: Population,
    responsible: Responsibilities,
    contacts: tuple[Ints, Ints],
    left: Ints,
    market: Market,
) -> dict[str, Ints]:
    """Draw calls, mails, visits and meetings with each customer until they left; nobody responsible, no contact.

    `contacts` holds each customer's first contact's place and number of contacts. Returns arrays of one length, in
    order of day: customer, contact, seller, kind, topic, day, minute of the day, minutes that it took.
    """
    n = len(population.segment)
    begin = np.where(population.kind == EXISTING, market.first, np.maximum(population.since, market.first))
    a_year = MOMENTS_A_YEAR * rng.gamma(MOMENTS_EVENNESS, 1 / MOMENTS_EVENNESS, n)
    count = rng.poisson(a_year * np.maximum(market.ends - begin, 0) / YEAR)
    customer = np.repeat(np.arange(n), count)
    m = len(customer)
    day = next_workday((begin[customer] + rng.random(m) * (market.ends - begin)[customer]).astype(np.int64))
    kind = rng.choice(len(KINDS), size=m, p=np.array(KIND_SHARES))
    drawn = {
        "customer": customer,
        "contact": contacts[0][customer] + (rng.random(m) * contacts[1][customer]).astype(np.int64),
        "seller": responsible.seller[responsible.rows_on(customer, day)],
        "kind": kind,
        "topic": _topics(kind, rng.random(m)),
        "day": day,
        "minute": 8 * 60 + 5 * rng.integers(0, 108, m),
        "minutes": np.maximum(1, np.array(KIND_MINUTES)[kind] * rng.integers(50, 160, m) // 100),
    }
    keep = (day < np.minimum(left[customer], market.ends)) & (drawn["seller"] != NOBODY) & (day >= market.starts)
    order = np.flatnonzero(keep)
    order = order[np.lexsort((order, drawn["minute"][order], day[order]))]
    return {name: values[order] for name, values in drawn.items()}


def _topics(kind: Ints, chance: Floats) -> Ints:
    topics = np.empty(len(kind), dtype=np.int64)
    for number, fitting in enumerate(FITTING):
        mine = kind == number
        topics[mine] = np.array(fitting)[(chance[mine] * len(fitting)).astype(np.int64)]
    return topics
