"""The people of Noorderlicht Techniek: functions, teams, and who moved when."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from karma_core.simulate.market import Market
from karma_core.simulate.names import address, draw_person_names
from karma_core.simulate.recipe import Recipe

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DOMAIN = "noorderlicht.example"
TEAMS = ("Noord", "Midden", "Zuid", "Oost", "West")
KNOWN = (
    ("Anna de Boer", "account_manager", 0),
    ("Otto Kuiper", "account_manager", -1),
    ("Marijke Hoekstra", "manager", 0),
    ("Karim El Amrani", "coach", None),
    ("Joost Verhagen", "director", None),
    ("Fenna Dijkstra", "delivery", None),
    ("Sanne Willems", "administrator", None),
)
"""The people whom the documentation and the demo name. Otto is always in another team than Anna."""

JOINS_SHARE, MOVES_SHARE = 0.15, 0.15
STATED_BIAS = (0.35, 0.45)
STATED_SLOPE = (0.9, 0.15)


@dataclass(frozen=True)
class Staff:
    """People as arrays. Account managers are numbered 0..n-1 and come first in `names`.

    `team` is each account manager's first team; `joined` a day number; `moved` the day on which someone goes to
    `next_team`, or a day far ahead. `standing` is standard normal and `skill`, the true effect on the log-odds of
    winning, its multiple (nought where nobody differs); `bias` and `slope` turn
    true log-odds into what the person says.
    """

    names: tuple[str, ...]
    functions: tuple[str, ...]
    teams: tuple[str, ...]
    team: Ints
    joined: Ints
    moved: Ints
    next_team: Ints
    home_team: tuple[int | None, ...]
    standing: Floats
    skill: Floats
    bias: Floats
    slope: Floats

    @property
    def sellers(self) -> int:
        """The number of account managers."""
        return len(self.team)


NEVER = 10**6


@dataclass(frozen=True)
class Posts:
    """How many people hold each function."""

    sellers: int
    teams: int
    delivery: int
    service: int


def posts(head_count: int) -> Posts:
    """Divide people over functions: director, coach, administrator, a manager for each team, and the rest.

    >>> posts(24)
    Posts(sellers=12, teams=3, delivery=3, service=3)
    """
    support = max(1, head_count // 8)
    left = head_count - 3 - 2 * support
    teams = 2 if head_count < 16 else 3 if left < 40 else round(left / 10)
    return Posts(sellers=left - teams, teams=teams, delivery=support, service=support)


def draw_staff(rng: np.random.Generator, *, recipe: Recipe, market: Market) -> Staff:
    """Draw who works where, who joined or moved within the years, and how good each truly is."""
    counts = posts(recipe.head_count)
    functions = _functions(counts)
    known = _places_of_known(counts)
    others = iter(draw_person_names(rng, len(functions), taken=tuple(name for name, _, _ in KNOWN)))
    names = tuple(known[place] if place in known else next(others) for place in range(len(functions)))
    n = counts.sellers
    team = np.arange(n) % counts.teams
    span = market.ends - market.starts
    free = ~np.isin(np.arange(n), [place for place in known if place < n]) & (np.arange(n) >= counts.teams)
    joins, moves = (rng.random(n) < share for share in (JOINS_SHARE, MOVES_SHARE))
    day_joined, day_moved = (market.starts + rng.integers(span // 6, span, n) for _ in range(2))
    standing = rng.normal(size=n)
    return Staff(
        names=names,
        functions=functions,
        teams=tuple(_team_name(number) for number in range(counts.teams)),
        team=team,
        joined=np.where(joins & free, day_joined, market.first),
        moved=np.where(moves & free & ~joins, day_moved, NEVER),
        next_team=(team + 1) % counts.teams,
        home_team=_home_teams(counts, team),
        standing=standing,
        skill=standing * recipe.skill_sd,
        bias=rng.normal(*STATED_BIAS, n),
        slope=np.clip(rng.normal(*STATED_SLOPE, n), 0.3, 1.5),
    )


def _team_name(number: int) -> str:
    return f"Team {TEAMS[number]}" if number < len(TEAMS) else f"Team {number + 1}"


def _functions(counts: Posts) -> tuple[str, ...]:
    named = ["account_manager"] * counts.sellers + ["manager"] * counts.teams
    return (
        *named,
        "coach",
        "director",
        *["delivery"] * counts.delivery,
        *["service"] * counts.service,
        "administrator",
    )


def _places_of_known(counts: Posts) -> dict[int, str]:
    functions = _functions(counts)
    places = {functions.index(function): name for name, function, team in KNOWN if team != -1}
    return places | {counts.teams - 1: KNOWN[1][0]}


def _home_teams(counts: Posts, team: Ints) -> tuple[int | None, ...]:
    others = len(_functions(counts)) - counts.sellers - counts.teams
    return (*(int(number) for number in team), *range(counts.teams), *([None] * others))


def person_ids(staff: Staff) -> list[str]:
    """The ids of people, in the order of `names`.

    They hold nothing about a person.
    """
    width = max(3, len(str(len(staff.names))))
    return [f"P{number + 1:0{width}d}" for number in range(len(staff.names))]


def people_frame(staff: Staff, *, left: dict[int, int]) -> pl.DataFrame:
    """`person, name, email, function, language, hours_per_week, joined_on, left_on`; `left` by place."""
    n = len(staff.names)
    first = int(staff.joined.min())
    joined = [*staff.joined.tolist(), *[first] * (n - staff.sellers)]
    frame = pl.DataFrame(
        {
            "person": person_ids(staff),
            "name": staff.names,
            "email": [address(name, domain=DOMAIN) for name in staff.names],
            "function": staff.functions,
            "language": ["nl"] * n,
            "hours_per_week": [32 if place % 4 == 3 else 38 for place in range(n)],
            "joined_on": [None if day == first else int(day) for day in joined],
            "left_on": [left.get(place) for place in range(n)],
        },
        schema_overrides={"joined_on": pl.Int32, "left_on": pl.Int32},
    )
    return frame.with_columns(pl.col("joined_on", "left_on").cast(pl.Date))


def memberships_frame(staff: Staff, *, left: dict[int, int]) -> pl.DataFrame:
    """`person, team, from_on, until_on`: from a day up to, not including, another; null is since ever or now."""
    ids = person_ids(staff)
    rows: list[tuple[str, str, int | None, int | None]] = []
    for place, team in enumerate(staff.home_team):
        if team is None:
            continue
        joined = int(staff.joined[place]) if place < staff.sellers else int(staff.joined.min())
        since = None if joined == int(staff.joined.min()) else joined
        moves = place < staff.sellers and staff.moved[place] < NEVER
        if moves:
            moved = int(staff.moved[place])
            rows.append((ids[place], staff.teams[team], since, moved))
            rows.append((ids[place], staff.teams[int(staff.next_team[place])], moved, left.get(place)))
        else:
            rows.append((ids[place], staff.teams[team], since, left.get(place)))
    schema = {"person": pl.String, "team": pl.String, "from_on": pl.Int32, "until_on": pl.Int32}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(pl.col("from_on", "until_on").cast(pl.Date))
