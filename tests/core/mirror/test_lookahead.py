"""Columns that are only known after the outcome are found by what they show."""

import numpy as np
import polars as pl
import pytest

from karma_core.mirror.lookahead import Closed, foretold, levels_of, look_ahead, pure_share, told_within

WON = np.array([1.0, 0.0] * 500)
PERSON = np.arange(1000) % 7
HELD = Closed(WON, PERSON, days=None)
RNG = np.random.default_rng(3)


def column(values, name="colour") -> pl.Series:
    return pl.Series(name, list(values))


def told(values, name="colour", held=HELD):
    found = look_ahead(column(values, name), held)
    return found and found.is_refused


def test_the_outcome_in_other_words_is_refused():
    assert told(np.where(WON > 0, "green", "blue"))


def test_a_value_that_is_always_won_is_refused():
    assert told(["hot" if won and i % 12 == 0 else "warm" for i, won in enumerate(WON)])


@pytest.mark.parametrize(("number", "refuses"), [(43, False), (44, True)])
def test_a_few_deals_that_were_all_won_may_be_a_good_source(number, refuses):
    won = np.repeat([1.0, 0.0], [250, 350])
    source = column(np.where(np.arange(600) < number, "referral", "cold"), "source")
    found = look_ahead(source, Closed(won, np.arange(600) % 7))
    assert (found.is_refused, "beforehand" in found.reason.en) == (refuses, not refuses)


def test_a_good_score_is_flagged_and_a_chance_as_good_is_refused():
    good = np.clip(np.round(1 + WON + RNG.normal(0, 0.9, 1000)), 0, 3).astype(np.intp)
    assert 0.1 < foretold(good, WON) < 0.5
    assert [told(good, name) for name in ("Lead score", "Rating", "Probability", "Stage")] == [
        False, False, True, True,
    ]  # fmt: skip
    assert look_ahead(column(WON[RNG.permutation(1000)], "Lead score"), HELD).reason.en.startswith(
        '"Lead score" sounds'
    )


def test_a_value_that_is_filled_in_only_when_lost_is_refused():
    assert told([None if won else ("price" if i % 3 else "other") for i, won in enumerate(WON)])


def test_a_chance_that_knows_the_end_is_refused():
    assert told(np.clip(WON * 0.8 + RNG.normal(0.1, 0.1, 1000), 0, 1))


def test_the_time_that_a_deal_took_is_refused():
    days = RNG.gamma(4, 20, 1000).round()
    held = Closed(WON, PERSON, days)
    assert told(np.floor(days / 7), "tempo", held)
    assert told(days, "tempo", held)


def test_a_duration_is_found_beside_gaps_and_backwards():
    days = RNG.gamma(4, 20, 1000).round()
    days[:300] = np.nan
    left = np.where(np.arange(1000) < 400, np.nan, 200 - days)
    assert told(left, "tempo", Closed(WON, PERSON, days))


def test_twenty_known_days_are_the_fewest_to_judge_a_duration_by():
    days = np.full(1000, np.nan)
    days[:20] = np.arange(20)
    assert told(days, "tempo", Closed(WON, PERSON, days))
    days[19] = np.nan
    assert not told(days, "tempo", Closed(WON, PERSON, days))


def test_an_honest_number_beside_days_is_left_alone():
    days = RNG.gamma(4, 20, 1000)
    size = RNG.normal(size=1000) + 0.01 * days
    assert told(size, "size", Closed(WON, PERSON, days)) is None


def test_a_column_that_never_changes_is_no_duration():
    days = RNG.gamma(4, 20, 1000)
    assert told(np.ones(1000), "tempo", Closed(WON, PERSON, days)) is None
    assert told(days, "tempo", Closed(WON, PERSON, np.ones(1000))) is None


def test_each_reason_is_its_own_sentence():
    days = RNG.gamma(4, 20, 1000).round()
    level = (PERSON * 0.2 + np.where(WON > 0, 0.1, -0.1)) % 1.4
    noisy = np.where(RNG.random(1000) < np.where(WON > 0, 0.96, 0.04), "x", "y")
    strong = np.where(RNG.random(1000) < np.where(WON > 0, 0.83, 0.17), "x", "y")
    found = {
        "is the time that the deal took": look_ahead(column(days), Closed(WON, PERSON, days)),
        "(100 in 100 deals)": look_ahead(column(np.where(WON > 0, "x", "y")), HELD),
        "foretells the outcome so well": look_ahead(column(noisy), HELD),
        "once it is known whose deal it is": look_ahead(
            column((level + RNG.normal(0, 0.02, 1000)).round(2)), HELD
        ),
        "remarkably closely": look_ahead(column(strong), HELD),
        "sounds like something": look_ahead(column(RNG.integers(0, 3, 1000).astype(str), "Fase"), HELD),
    }
    assert [words for words, finding in found.items() if words not in finding.reason.en] == []
    assert [(finding.column, finding.is_refused) for finding in found.values()] == [
        *[("colour", True)] * 4, ("colour", False), ("Fase", False),
    ]  # fmt: skip
    for finding in found.values():
        assert all(words.startswith(f'"{finding.column}" ') for words in (finding.reason.nl, finding.reason.en))


def test_an_honest_column_is_left_alone():
    source = np.where(RNG.random(1000) < np.where(WON > 0, 0.6, 0.4), "web", "fair")
    assert told(source) is None


def test_strong_leads_are_flagged_and_not_refused():
    source = np.where(RNG.random(1000) < np.where(WON > 0, 0.83, 0.17), "web", "fair")
    assert told(source) is False


def test_a_few_values_that_are_always_won_are_flagged():
    first = np.cumsum(WON) <= 25
    values = np.where(first & (WON > 0), "gold", np.random.default_rng(8).choice(["x", "y"], 1000))
    assert told(values) is False


def test_how_many_deals_have_such_values_is_said_and_never_as_none():
    won = np.tile(WON, 4)
    values = np.where(
        (np.cumsum(won) <= 21) & (won > 0), "gold", np.random.default_rng(8).choice(["x", "y"], 4000)
    )
    found = look_ahead(column(values, "Stage"), Closed(won, np.arange(4000) % 7))
    assert found.is_refused
    assert ("(1 van de 100 aanvragen)" in found.reason.nl, "(1 in 100 deals)" in found.reason.en) == (True, True)


def test_strong_leads_are_flagged_where_nobody_has_many_deals():
    strong = np.where(np.random.default_rng(8).random(1000) < np.where(WON > 0, 0.83, 0.17), "web", "fair")
    assert told(strong, held=Closed(WON, np.arange(1000) % 400)) is False


def test_a_telling_name_alone_is_flagged():
    assert told(RNG.integers(0, 3, 1000).astype(str), "Sales Stage") is False


def test_what_is_told_only_beside_the_person_was_set_on_the_way():
    # what one person gives to win, the next gives in vain: over the team it tells nothing
    discount = (PERSON * 0.2 + np.where(WON > 0, 0.1, -0.1)) % 1.4 + RNG.normal(0, 0.02, 1000)
    assert told(discount.round(2))
    assert told(RNG.permutation(discount).round(2)) is None


def test_a_strong_seller_alone_makes_no_column_look_ahead():
    won = np.where(PERSON == 0, RNG.random(1000) < 0.97, RNG.random(1000) < 0.4).astype(float)
    segment = np.where(PERSON == 0, np.where(RNG.random(1000) < 0.5, "x", "y"), RNG.choice(list("zwv"), 1000))
    assert pure_share(np.unique(segment, return_inverse=True)[1], Closed(won, PERSON)) == 0


def test_a_number_of_many_values_is_cut_into_twenty_equal_bins_and_its_gaps():
    values = pl.Series([*np.random.default_rng(1).permutation(1000).astype(float), *[None] * 7])
    levels = levels_of(values)
    assert np.bincount(levels).tolist() == [50] * 20 + [7]
    assert (levels[:1000] == values[:1000].to_numpy() // 50).all()


@pytest.mark.parametrize(("different", "levels"), [(30, 30), (31, 20)])
def test_a_number_of_few_values_and_text_keep_a_level_for_each(different, levels):
    numbers = pl.Series(np.arange(930) % different)
    assert len(set(levels_of(numbers).tolist())) == levels
    assert len(set(levels_of(numbers.cast(pl.String)).tolist())) == different


@pytest.mark.parametrize(("number", "share"), [(19, 0.0), (20, 20 / 80)])
def test_twenty_wins_of_people_who_win_half_are_no_accident_and_nineteen_may_be(number, share):
    won, person = np.array([1.0, 0.0] * 40), np.repeat(np.arange(8), 10)
    levels = ((np.cumsum(won) <= number) & (won > 0)).astype(int)
    assert pure_share(levels, Closed(won, person)) == share
    assert pure_share(levels, Closed(1 - won, person)) == share


def slowly_foretold(levels: list, won: np.ndarray) -> float:
    """Deal by deal, from the other deals of its level and two deals at the team's rate."""
    rate, left = won.mean(), 0.0
    for i, level in enumerate(levels):
        others = [won[j] for j in range(len(won)) if levels[j] == level and j != i]
        chance = (sum(others) + 2 * rate) / (len(others) + 2)
        left -= np.log(chance if won[i] else 1 - chance)
    return 1 + left / len(won) / (rate * np.log(rate) + (1 - rate) * np.log(1 - rate))


def test_what_is_foretold_is_that_of_each_deal_s_other_deals():
    rng = np.random.default_rng(4)
    levels, person = rng.integers(0, 4, 400), rng.integers(0, 7, 400)
    won = (rng.random(400) < 0.02 + 0.09 * person + 0.13 * levels).astype(float)
    assert foretold(levels, won) == pytest.approx(max(0, slowly_foretold(levels.tolist(), won)))
    alone = slowly_foretold(person.tolist(), won)
    both = slowly_foretold(list(zip(person.tolist(), levels.tolist(), strict=True)), won)
    assert both > alone > 0
    assert told_within(levels, Closed(won, person)) == pytest.approx((both - alone) / (1 - alone))


def test_many_levels_foretell_nothing_by_themselves():
    levels = RNG.integers(0, 500, 1000)
    assert foretold(levels, WON) < 0.02


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_refusal_says_why(language):
    found = look_ahead(column(np.where(WON > 0, "g", "b"), "Rating"), HELD)
    assert '"Rating"' in found.reason.say(language)


def test_allow_overrules_and_is_recorded(team, look):
    frame = team().with_columns(
        rating=pl.when(pl.col("status") == "won").then(pl.lit("hot")).otherwise(pl.lit("cold"))
    )
    refused = look(frame, mix=("segment", "rating"))
    assert [r.column for r in refused.refused] == ["rating"]
    allowed = look(frame, mix=("segment", "rating"), allow=("rating",))
    assert allowed.refused == ()
    assert "rating" in allowed.won.people[0].from_mix
    assert any(warning.en.startswith("--allow rating") for warning in allowed.warnings)


def test_the_closing_day_is_refused(team, look):
    frame = team().with_columns(
        begun=pl.lit("2025-01-01").str.to_date(),
        ended=pl.date(2025, 1, 2) + pl.duration(days=pl.int_range(pl.len()) % 90),
    )
    mirror = look(frame, mix=("segment", "ended"), opened="begun", closed="ended")
    assert [r.column for r in mirror.refused] == ["ended"]
    assert mirror.refused[0].reason.nl.startswith('"ended" is de dag waarop de aanvraag sloot;')
    assert mirror.refused[0].reason.en.startswith('"ended" is the day on which the deal closed,')
    assert not [w for w in mirror.warnings if w.en.startswith("--allow ended")]
