"""The invented company: what everyone could know of it in frames, and the truth apart."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from karma_core.periods import Period


@dataclass(frozen=True)
class Truth:
    """What nobody in the company can know. All frames; effects on the log-odds of winning.

    - `people`: person, win_effect, stated_bias, stated_slope
    - `segments`: segment, win_effect, k, orders_per_year, evenness, leaves_per_year, line_eur, margin_share
    - `sources`: source, win_effect
    - `customers`: customer, segment, kind (existing, walk_in, prospect), became_on (null: never), left_on (null:
      still there at the end), orders_per_year, k, size
    - `deals`: deal, opened_on, log_odds, outcome, closed_on, revenue_cents, margin_cents, all as they will be
    - `market`: month, factor (the common path, events included)
    - `days`: segment, on, intensity (orders per average day), price and cost (levels)
    - `year_plans`: customer, year, actual_cents (null: the year is not over)
    - `promises`: promise, will_be_kept
    - `leaver`: the person who leaves in the family seller_leaves, else None
    """

    people: pl.DataFrame
    segments: pl.DataFrame
    sources: pl.DataFrame
    customers: pl.DataFrame
    deals: pl.DataFrame
    market: pl.DataFrame
    days: pl.DataFrame
    year_plans: pl.DataFrame
    promises: pl.DataFrame
    leaver: str | None


@dataclass(frozen=True)
class Company:
    """Noorderlicht Techniek as of `period.end`: only facts dated before it.

    `purchases`, `deals` and `stage_history` keep their contracts of `karma_core.frames` and have more columns.
    Ids are strings. Days are local dates, moments local times, money integer euro cents.

    - `people`: person, name, email, function, language, hours_per_week, joined_on, left_on
    - `teams`: team; `memberships`: person, team, from_on, until_on (null: since ever, until now)
    - `customers`: customer, name, city, domain, segment, since_on
    - `responsibilities`: customer, person (null: nobody), team, from_on, until_on
    - `contacts`: contact, customer, name, first_name, last_name, email, phone, job_title
    - `purchases`: and line, order, product, quantity, instalment, kind (sale, credit, counter, instalment,
      deal_credit, delivery_hours)
    - `deals`: and name, project, team, contact; `quotes`: quote, deal, sent_on, valid_until, revenue_cents,
      margin_cents, answered_on, is_accepted
    - `stage_history`: as its contract
    - `margin_losses`: deal, on, kind (credit, delivery_hours, purchase_price), amount_cents, cause_nl, cause_en
    - `promises`: promise, deal, customer, person, side (us, customer), text_nl, text_en, made_on, due_on,
      secured_by (null: nobody checked), kept_on, outcome (open, kept, broken, lapsed)
    - `contact_moments`: moment, customer, contact, person, kind, at, minutes, topic (place in TOPICS)
    - `year_plans`: customer, year, stated_on, stated_cents, person
    """

    period: Period
    people: pl.DataFrame
    teams: pl.DataFrame
    memberships: pl.DataFrame
    customers: pl.DataFrame
    responsibilities: pl.DataFrame
    contacts: pl.DataFrame
    purchases: pl.DataFrame
    deals: pl.DataFrame
    stage_history: pl.DataFrame
    quotes: pl.DataFrame
    margin_losses: pl.DataFrame
    promises: pl.DataFrame
    contact_moments: pl.DataFrame
    year_plans: pl.DataFrame
    truth: Truth

    @property
    def as_of(self) -> date:
        """The day before which everything here is dated."""
        return self.period.end
