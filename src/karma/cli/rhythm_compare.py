"""What `karma rhythm --compare` says: all models and baselines side by side, and which of them wins."""

from dataclasses import replace
from typing import Any

import polars as pl
from rich.table import Table

from karma.cli import output
from karma.cli.language import _, language, ngettext
from karma.cli.sources import grouped
from karma_core.rhythm import RhythmReading
from karma_core.rhythm.contest import BASELINES, MODEL, Contest, Figures, Round
from karma_core.words import day_in_words


def name_in_words(name: str) -> str:
    """What a contender is called."""
    return {
        "nbd": "NBD",
        "bg_nbd": "BG/NBD",
        "mbg_nbd": "MBG/NBD",
        "mbg_cnbd_k": "MBG/CNBD-k",
        "pareto_nbd": "Pareto/NBD",
        "with_season": _("MBG/CNBD-k with season"),
        "personal_rate": _("personal rate"),
        "hiatus": _("hiatus rule"),
        "boosting": _("gradient boosting"),
        "calibrated": _("the best, calibrated"),
    }[name]


def with_winner(said: RhythmReading, contest: Contest, statistics: pl.DataFrame) -> RhythmReading:
    """The reading with the winner's chance of an order within its horizon, where another than the model won."""
    chance = contest.chances(statistics, horizon_days=said.horizon_days)
    if chance is None:
        return said
    return replace(said, customers=said.customers.with_columns(pl.Series("chance_order", chance)))


def document(contest: Contest) -> dict[str, Any]:
    """The comparison as plain lists and numbers."""
    named = ("model", "k", "log_likelihood", "bic")
    return {
        "customers": contest.customers,
        "origins": [f"{day}" for day in contest.origins],
        "likelihoods": [dict(zip(named, one, strict=True)) for one in contest.likelihoods],
        "horizons": [_round_document(one) for one in contest.rounds],
    }


def _round_document(one: Round) -> dict[str, Any]:
    return {
        "days": one.horizon_days,
        "ordered": one.came,
        "winner": one.winner,
        "lead_log_loss": one.lead,
        "lead_standard_error": one.lead_se,
        "best_order": one.best_order,
        "figures": [
            {
                "name": figures.name,
                "auc": figures.area,
                "top_10_precision": figures.top_tenth,
                "brier": figures.brier,
                "log_loss": figures.log_loss,
            }
            for figures in one.figures
        ],
    }


def tell(contest: Contest) -> None:
    """Say who wins, then the figures that it rests on."""
    first, last = (day_in_words(day, language=language()) for day in (contest.origins[0], contest.origins[-1]))
    told = ngettext(
        "Looking back on {n} moment ({first}), {customers} customers: who ordered in the days that followed?",
        "Looking back on {n} moments, {first} to {last}, {customers} customers: who ordered in the days that "
        "followed?",
        len(contest.origins),
    ).format(n=len(contest.origins), first=first, last=last, customers=grouped(contest.customers))
    output.answer.print("\n" + told, style="bold", markup=False)
    for one in contest.rounds:
        for sentence in sentences(one):
            output.answer.print(sentence, markup=False)
        output.answer.print(_table(one))
    output.answer.print(_likelihoods(contest))


def sentences(one: Round) -> list[str]:
    """Who wins over one horizon, and whether a plain rule orders customers better."""
    if one.winner == MODEL:
        verdict = _("{days} days ahead: {name} stands; nothing beats it by more than a standard error.")
    else:
        verdict = _("{days} days ahead: {name} wins, by {lead:.4f} in log loss (standard error {se:.4f}).")
    said = [
        verdict.format(days=one.horizon_days, name=name_in_words(one.winner), lead=one.lead, se=one.lead_se),
    ]
    if one.best_order in BASELINES:
        plain = _("The {name} puts most of those who ordered in its first tenth: the simplest rule is best there.")
        said.append(plain.format(name=name_in_words(one.best_order)))
    return said


def _table(one: Round) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("", _("area under the curve"), _("first tenth ordered"), _("Brier"), _("log loss")):
        table.add_column(title, justify="right" if title else "left")
    for figures in sorted(one.figures, key=_by_loss):
        table.add_row(name_in_words(figures.name), *_cells(figures))
    return table


def _by_loss(figures: Figures) -> float:
    return float("inf") if figures.log_loss is None else figures.log_loss


def _cells(figures: Figures) -> list[str]:
    numbers = ((figures.area, 3), (figures.top_tenth, 3), (figures.brier, 4), (figures.log_loss, 4))
    return ["–" if value is None else f"{value:.{digits}f}" for value, digits in numbers]


def _likelihoods(contest: Contest) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title_justify="left")
    for title in (_("on all that is known"), "k", _("log-likelihood"), "BIC"):
        table.add_column(title, justify="left" if title == _("on all that is known") else "right")
    for model, k, value, bic in contest.likelihoods:
        table.add_row(name_in_words(model), str(k), f"{value:.1f}", f"{bic:.1f}")
    return table
