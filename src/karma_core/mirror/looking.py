"""The mirror of a team's deals: what came from the person, the mix, and chance, and what may not be said."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from karma_core.errors import FrameError
from karma_core.mirror.answer import Block, Mirror, RefusedColumn
from karma_core.mirror.block import Task, look
from karma_core.mirror.cohorts import complete_cohorts
from karma_core.mirror.lookahead import Closed, Finding, look_ahead
from karma_core.mirror.material import read_material
from karma_core.mirror.outcomes import Outcomes, plain, read_outcomes
from karma_core.words import Sentence, counted

FEWEST_FOR_AMOUNTS = 30
DIFFERENT_EVERYWHERE = 0.9


@dataclass(frozen=True)
class Question:
    """Which columns the mirror looks at. `mix` are labels, `numeric` numbers; `allow` overrules a refusal.

    `margin` is the quoted (or only) margin of a deal, `realised` what was left of it after delivery. Amounts keep
    the unit of their column. `opened` and `closed` are dates.
    """

    outcome: str
    won: str
    person: str
    mix: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    lost: str | None = None
    opened: str | None = None
    closed: str | None = None
    margin: str | None = None
    realised: str | None = None
    allow: tuple[str, ...] = ()

    def columns(self) -> Iterable[str]:
        """Every column that is asked for."""
        single = (self.outcome, self.person, self.opened, self.closed, self.margin, self.realised)
        return [name for name in (*single, *self.mix, *self.numeric) if name]


@dataclass(frozen=True)
class Shows:
    """Whose mirror is made: `person` alone, or everybody, or nobody (the team's shares only)."""

    person: str | None = None
    everybody: bool = False

    def shows(self, person: str) -> bool:
        """Whether this person's mirror is made."""
        return self.everybody or person == self.person


def look_in_mirror(deals: pl.DataFrame, question: Question, *, shows: Shows, rng: np.random.Generator) -> Mirror:
    """Take each person's difference from the team apart into mix, person and chance.

    `deals` has one row per deal and the columns of the question: labels as text, numbers as numbers, dates as
    dates. Raises FrameError for a missing column, an unknown value, an empty frame or an unknown person. What
    cannot be told is `cannot_tell`, with the reason in the person's sentence and in `warnings`.

    >>> columns = {"won": [1, 0] * 30, "rep": ["a", "b", "b"] * 20, "src": ["x", "y", "y", "x"] * 15}
    >>> frame = pl.DataFrame(columns)
    >>> question = Question("won", won="1", person="rep", mix=("src",))
    >>> mirror = look_in_mirror(frame, question, shows=Shows(person="a"), rng=np.random.default_rng(1))
    >>> mirror.won.people[0].verdict, mirror.won.shares
    ('cannot_tell', None)
    """
    _check(deals, question, shows)
    outcomes = read_outcomes(deals[question.outcome], won=question.won, lost=question.lost)
    warnings = [*outcomes.warnings, *_recorded(shows)]
    kept = _keep(deals, question, outcomes, warnings)
    closed, won = kept.filter(pl.col(_CLOSED)), kept.filter(pl.col(_CLOSED) & pl.col(_WON))
    findings = _found(closed, question)
    refused = [f for f in findings if f.is_refused and f.column not in question.allow]
    warnings += _flags(findings, question)
    narrowed = _narrowed(question, {f.column for f in refused})
    if shows.person is not None and not (closed[question.person] == shows.person).any():
        warnings.append(_nothing_to_show(shows.person))
    task = _Looking(narrowed, shows, rng, warnings)
    return Mirror(
        won=task.won(closed),
        open_left_out=outcomes.open_deals,
        margin=task.margin(won),
        lost_after_signature=task.lost(won),
        refused=tuple(RefusedColumn(f.column, f.reason) for f in refused),
        warnings=tuple(warnings),
    )


_WON, _CLOSED = "__won", "__closed"


def _check(deals: pl.DataFrame, question: Question, shows: Shows) -> None:
    missing = [name for name in question.columns() if name not in deals.columns]
    if missing:
        names, there = ", ".join(f'"{name}"' for name in missing), ", ".join(deals.columns)
        raise FrameError(
            f"There is no column {names}. The file has: {there}.",
            nl=f"Er is geen kolom {names}. Het bestand heeft: {there}.",
        )
    if not deals.height:
        raise FrameError("There are no deals in this file.", nl="Er staan geen aanvragen in dit bestand.")
    if {question.person, question.outcome} & {*question.mix, *question.numeric}:
        raise FrameError(
            "The person and the outcome cannot be part of the mix; leave them out of it.",
            nl="De persoon en de uitkomst kunnen geen deel van de mix zijn; laat ze daar weg.",
        )
    named = [question.outcome, question.person, *question.mix, *question.numeric]
    for name in named:
        if named.count(name) > 1:
            raise FrameError(
                f'Column "{name}" is named twice; name it once.',
                nl=f'Kolom "{name}" staat er twee keer; noem hem één keer.',
            )
    strangers = [name for name in question.allow if name not in (*question.mix, *question.numeric)]
    if strangers:
        raise FrameError(
            f'--allow names "{strangers[0]}", which is not among the columns that may explain it.',
            nl=f'--allow noemt "{strangers[0]}", en die kolom staat niet bij wat het verschil kan verklaren.',
        )
    if question.realised and not question.margin:
        raise FrameError(
            "What was lost after the signature needs the quoted margin too: name it with --margin.",
            nl="Voor wat na de handtekening verloren ging, is ook de afgesproken marge nodig: geef --margin.",
        )
    if shows.person is not None and not (plain(deals[question.person]) == shows.person).any():
        raise FrameError(
            f'Nobody in column "{question.person}" is called "{shows.person}".',
            nl=f'Niemand in kolom "{question.person}" heet "{shows.person}".',
        )


def _recorded(shows: Shows) -> list[Sentence]:
    if not shows.everybody:
        return []
    return [
        Sentence(
            nl="--all-people: ieders spiegel staat erbij, voor de ondernemingsraad en voor controle. Laat eerst "
            "ieder de eigen spiegel zien; dit is geen ranglijst en mag er geen worden.",
            en="--all-people: everybody's mirror is there, for the works council and for checking. Let each see "
            "their own first; this is no ranking and must not become one.",
        )
    ]


def _nothing_to_show(person: str) -> Sentence:
    return Sentence(
        nl=f"Van {person} telt hier geen enkele gesloten aanvraag mee; er valt nog niets te spiegelen.",
        en=f"No closed deal of {person} counts here; there is nothing to mirror yet.",
    )


def _keep(deals: pl.DataFrame, question: Question, outcomes: Outcomes, warnings: list[Sentence]) -> pl.DataFrame:
    frame = deals.with_columns(
        outcomes.won.alias(_WON),
        outcomes.closed.alias(_CLOSED),
        plain(deals[question.person]).alias(question.person),
    )
    frame = _without_gaps(frame, question.person, warnings)
    if question.opened and question.closed:
        cohorts = complete_cohorts(
            frame[question.opened], frame[question.closed], won=frame[_WON], closed=frame[_CLOSED]
        )
        warnings += cohorts.warnings
        return frame.filter(cohorts.keep)
    if outcomes.open_deals:
        warnings.append(_open_unjudged(outcomes.open_deals))
    return frame


def _without_gaps(frame: pl.DataFrame, person: str, warnings: list[Sentence]) -> pl.DataFrame:
    gaps = frame[person].null_count()
    if gaps:
        said = counted(
            gaps,
            one=Sentence(
                nl="Bij één aanvraag staat niemand; die telt niet mee.",
                en="One deal has no person; it is left out.",
            ),
            more=Sentence(
                nl=f"Bij {gaps} aanvragen staat niemand; die tellen niet mee.",
                en=f"{gaps} deals have no person; they are left out.",
            ),
        )
        warnings.append(said)
    return frame.filter(pl.col(person).is_not_null())


def _open_unjudged(number: int) -> Sentence:
    left_out = counted(
        number,
        one=Sentence(nl="Eén aanvraag is nog open en telt niet mee.", en="One deal is still open and left out."),
        more=Sentence(
            nl=f"{number} aanvragen zijn nog open en tellen niet mee.",
            en=f"{number} deals are still open and left out.",
        ),
    )
    return Sentence(
        nl=f"{left_out.nl} Duurt winnen langer dan verliezen (of andersom), dan is dat scheef; met --opened en "
        "--closed wordt daarvoor gecorrigeerd.",
        en=f"{left_out.en} Where winning takes longer than losing (or the reverse) that is unfair; with --opened "
        "and --closed it is corrected for.",
    )


def _found(closed: pl.DataFrame, question: Question) -> list[Finding]:
    """What was found about columns that look ahead or tell every deal apart."""
    if closed[_WON].all() or not closed[_WON].any():
        return []
    held = Closed(
        closed[_WON].cast(pl.Float64).to_numpy(),
        closed[question.person].rank("dense").to_numpy().astype(np.intp),
        _days_to_close(closed, question),
    )
    findings = []
    for name in (*question.mix, *question.numeric):
        found = _identifies(closed[name], question) or _is_closing_day(name, question)
        found = found or look_ahead(_as_held(closed[name]), held)
        findings += [found] if found else []
    return findings


def _as_held(column: pl.Series) -> pl.Series:
    return column if column.dtype.is_numeric() else plain(column)


def _days_to_close(
    closed: pl.DataFrame, question: Question
) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    if not (question.opened and question.closed):
        return None
    days = (closed[question.closed].cast(pl.Date) - closed[question.opened].cast(pl.Date)).dt.total_days()
    return days.cast(pl.Float64).to_numpy()


def _identifies(column: pl.Series, question: Question) -> Finding | None:
    if (
        column.name in question.numeric
        or column.n_unique() < DIFFERENT_EVERYWHERE * len(column)
        or len(column) < 30
    ):
        return None
    return Finding(
        column.name,
        True,
        Sentence(
            nl=f'"{column.name}" is bij vrijwel elke aanvraag anders en vergelijkt dus niets.',
            en=f'"{column.name}" differs in almost every deal and so compares nothing.',
        ),
    )


def _is_closing_day(name: str, question: Question) -> Finding | None:
    if name != question.closed:
        return None
    return Finding(
        name,
        True,
        Sentence(
            nl=f'"{name}" is de dag waarop de aanvraag sloot; die is pas na de uitkomst bekend.',
            en=f'"{name}" is the day on which the deal closed, which is only known after the outcome.',
        ),
    )


def _flags(findings: list[Finding], question: Question) -> list[Sentence]:
    said = [f.reason for f in findings if not f.is_refused]
    for found in findings:
        if found.is_refused and found.column in question.allow:
            said.append(
                Sentence(
                    nl=f"--allow {found.column}: toch gebruikt. {found.reason.nl}",
                    en=f"--allow {found.column}: used all the same. {found.reason.en}",
                )
            )
    return said


def _narrowed(question: Question, without: set[str]) -> Question:
    return Question(
        **{
            **vars(question),
            "mix": tuple(name for name in question.mix if name not in without),
            "numeric": tuple(name for name in question.numeric if name not in without),
        }
    )


@dataclass(frozen=True)
class _Looking:
    """The question with only usable columns, and where warnings go."""

    question: Question
    shows: Shows
    rng: np.random.Generator
    warnings: list[Sentence]

    def won(self, closed: pl.DataFrame) -> Block:
        return self._block("won", self.question, closed, closed[_WON].cast(pl.Float64), [])

    def margin(self, won: pl.DataFrame) -> Block | None:
        if not self.question.margin:
            return None
        return self._amounts("margin", won, won[self.question.margin].cast(pl.Float64))

    def lost(self, won: pl.DataFrame) -> Block | None:
        if not (self.question.realised and self.question.margin):
            return None
        quoted, realised = (won[n].cast(pl.Float64) for n in (self.question.margin, self.question.realised))
        return self._amounts("lost", won, quoted - realised)

    def _amounts(self, kind: str, won: pl.DataFrame, amounts: pl.Series) -> Block | None:
        known = amounts.is_finite().fill_null(False)
        if int(known.sum()) < FEWEST_FOR_AMOUNTS:
            self.warnings.append(_too_few(int(known.sum())))
            return None
        said: list[Sentence] = [] if known.all() else [_unknown_amounts(int((~known).sum()))]
        deals = won.filter(known)
        return self._block(kind, _of_amounts(self.question, deals, said), deals, amounts.filter(known), said)

    def _block(
        self, kind: str, question: Question, deals: pl.DataFrame, outcome: pl.Series, said: list[Sentence]
    ) -> Block:
        read = read_material(
            deals.with_columns(plain(deals[name]).alias(name) for name in question.mix),
            outcome.to_numpy(),
            is_amount=kind != "won",
            person=question.person,
            mix=question.mix,
            numeric=question.numeric,
        )
        block = look(Task(kind, read.material, self.shows.shows, self.rng))
        return Block(**{**vars(block), "warnings": (*said, *read.warnings, *block.warnings)})


def _of_amounts(question: Question, won: pl.DataFrame, said: list[Sentence]) -> Question:
    """The question without what cannot explain an amount: the amount itself, and what differs in each won deal."""
    itself = {name for name in (question.margin, question.realised) if name}
    apart = [found for name in question.mix if (found := _identifies(won[name], question))]
    said += [found.reason for found in apart]
    return _narrowed(question, itself | {found.column for found in apart})


def _too_few(number: int) -> Sentence:
    return counted(
        number,
        one=Sentence(
            nl="Van één gewonnen aanvraag is de marge bekend; dat is te weinig om iets over te zeggen.",
            en="The margin of one won deal is known; that is too little to say anything about.",
        ),
        more=Sentence(
            nl=f"Van {number} gewonnen aanvragen is de marge bekend; dat is te weinig om iets over te zeggen.",
            en=f"The margin of {number} won deals is known; that is too little to say anything about.",
        ),
    )


def _unknown_amounts(number: int) -> Sentence:
    return counted(
        number,
        one=Sentence(
            nl="Van één gewonnen aanvraag is de marge niet bekend; die telt hier niet mee.",
            en="The margin of one won deal is not known; it is left out here.",
        ),
        more=Sentence(
            nl=f"Van {number} gewonnen aanvragen is de marge niet bekend; die tellen hier niet mee.",
            en=f"The margin of {number} won deals is not known; they are left out here.",
        ),
    )
