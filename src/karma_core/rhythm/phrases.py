"""The reasons in words, Dutch and English, by hand: first what weighs most."""

from datetime import date

import polars as pl

from karma_core.rhythm.durations import ago, beside, every, lasting, length, month, until
from karma_core.rhythm.states import LATER

LANGUAGES = ("nl", "en")
DOUBT = 0.6
TEXT = {
    "due": {
        "nl": ("{who} bestelt ongeveer {every} en is nu {silence} stil."),
        "en": ("{who} orders about {every} and has now been silent for {silence}."),
    },
    "never_so_long": {
        "nl": "Zo lang was het nog niet eerder stil.",
        "en": "It has not been silent for this long before.",
    },
    "longest": {
        "nl": "De langste stilte tot nu toe was {longest}.",
        "en": "The longest silence so far was {longest}.",
    },
    "elsewhere": {
        "nl": "Misschien kopen ze inmiddels elders.",
        "en": "They may be buying elsewhere by now.",
    },
    "hand": {
        "nl": "{who} denkt sinds {month} na over {subject}.",
        "en": "{who} has been thinking about {subject} since {month}.",
    },
    "open": {
        "nl": "Bij {who} staat sinds {month} iets open.",
        "en": "Something has been open with {who} since {month}.",
    },
    "ask": {
        "nl": "Vraag wat er nog nodig is om te kiezen.",
        "en": "Ask what they still need in order to choose.",
    },
    "rest": {
        "nl": "{who} bestelde {ago} nog en doet dat ongeveer {every}.",
        "en": "{who} ordered {ago} and does so about {every}.",
    },
    "until": {
        "nl": "Laat ze met rust tot {until}.",
        "en": "Leave them in peace until {until}.",
    },
    "calm": {
        "nl": "{who} bestelt ongeveer {every}, de laatste keer {ago}.",
        "en": "{who} orders about {every}, the last time {ago}.",
    },
    "fits": {
        "nl": "Dat past bij hun eigen ritme.",
        "en": "That fits their own rhythm.",
    },
    "later": {
        "nl": "Dat is iets later dan gewoonlijk, maar niet ongewoon.",
        "en": "That is a little later than usual, but not unusual.",
    },
    "quiet": {
        "nl": "In deze tijd van het jaar wordt er minder gekocht.",
        "en": "Less is bought in this part of the year.",
    },
    "quiet_fits": {
        "nl": "In deze tijd van het jaar wordt er minder gekocht; dit past bij hun ritme.",
        "en": "Less is bought in this part of the year; this fits their rhythm.",
    },
    "busy": {
        "nl": "Voor deze tijd van het jaar is dat lang.",
        "en": "For this part of the year that is long.",
    },
    "asleep": {
        "nl": "{who} bestelde ongeveer {every} en is nu {silence} stil.",
        "en": "{who} used to order about {every} and has now been silent for {silence}.",
    },
    "bought": {
        "nl": "{who} bestelde {times}, {last} {ago}.",
        "en": "{who} ordered {times}, {last} {ago}.",
    },
    "once": {"nl": "{who} bestelde één keer, {ago}.", "en": "{who} ordered once, {ago}."},
    "not_by_itself": {
        "nl": "Vanzelf komen ze waarschijnlijk niet terug.",
        "en": "They will probably not come back by themselves.",
    },
    "no_rhythm": {
        "nl": "Daar valt nog geen ritme uit te lezen.",
        "en": "No rhythm can be read from that yet.",
    },
}  # fmt: skip
TWICE = {"nl": ("twee keer", "voor het laatst"), "en": ("twice", "most recently")}
CUSTOMER = {"nl": "Klant ", "en": "Customer "}


NEEDED = {
    "lead_by_hand": ("who", "month"),
    "call_now": ("who", "every", "silence", "longest"),
    "leave_in_peace": ("who", "ago", "every", "until"),
    "asleep": ("who", "every", "silence", "ago"),
    "too_little_data": ("who", "ago"),
    "calm": ("who", "every", "ago"),
}
"""The words that each state's sentences use, so that no others are made."""


def reasons(rows: pl.DataFrame, *, today: date, language: str) -> pl.Series:
    """One text per row of what `states.with_states` gives: two or three sentences, the weightiest first.

    State by state, and word by word before sentence by sentence: a million customers then take seconds.
    """
    numbered, words = rows.with_row_index("row"), _words(today=today, language=language)
    parts = [pl.DataFrame(schema={"row": pl.UInt32, "text": pl.String})]
    for state, needed in NEEDED.items():
        of_state = numbered.filter(pl.col("customer_state") == state)
        if not of_state.is_empty():
            worded = of_state.with_columns(words[name].alias(f"word_{name}") for name in needed)
            parts.append(worded.select("row", _text(state, language).alias("text")))
    return pl.concat(parts).sort("row")["text"].alias(f"reason_{language}")


def _text(state: str, language: str) -> pl.Expr:
    """The text of one state."""

    def say(name: str) -> pl.Expr:
        return _fill(TEXT[name][language], language)

    few = pl.when(pl.col("x") == 0).then(say("once")).otherwise(say("bought"))
    if state == "lead_by_hand":
        return pl.when(pl.col("subject").is_null()).then(say("open")).otherwise(say("hand")) + " " + say("ask")
    if state == "call_now":
        doubt = pl.when(pl.col("chance_active") < DOUBT).then(" " + say("elsewhere")).otherwise(pl.lit(""))
        long = pl.when(pl.col("season") == "busy").then(" " + say("busy")).otherwise(pl.lit(""))
        return say("due") + long + _compared(say("never_so_long"), say("longest")) + doubt
    if state == "leave_in_peace":
        quiet = pl.when(pl.col("season") == "quiet").then(" " + say("quiet")).otherwise(pl.lit(""))
        return say("rest") + quiet + " " + say("until")
    if state == "asleep":
        told = pl.when(pl.col("x") < 2).then(few).otherwise(say("asleep"))
        return told + " " + say("not_by_itself")
    if state == "too_little_data":
        return few + " " + say("no_rhythm")
    fits = pl.when(pl.col("season") == "quiet").then(say("quiet_fits")).otherwise(say("fits"))
    return say("calm") + " " + pl.when(pl.col("lateness") > LATER).then(say("later")).otherwise(fits)


def _compared(never_so_long: pl.Expr, longest: pl.Expr) -> pl.Expr:
    """Set the silence beside the longest so far, where three gaps or more give it meaning."""
    known = pl.col("longest_gap").is_not_null() & (pl.col("x") > 2)
    return (
        pl.when(known & (pl.col("silence") > pl.col("longest_gap"))).then(" " + never_so_long)
        .when(known & (pl.col("longest_gap") > 1.5 * pl.col("gap"))).then(" " + longest)
        .otherwise(pl.lit(""))
    )  # fmt: skip


def _words(*, today: date, language: str) -> dict[str, pl.Expr]:
    gap, silence, known_as = length(pl.col("gap")), pl.col("silence"), pl.col("customer")
    called = pl.when(known_as.str.contains(r"\p{L}")).then(known_as).otherwise(CUSTOMER[language] + known_as)
    return {
        "who": pl.coalesce("name", called),
        "every": every(gap, language=language),
        "silence": lasting(beside(silence, gap), language=language),
        "longest": lasting(beside(pl.col("longest_gap").cast(pl.Float64), gap), language=language),
        "ago": ago(silence, language=language),
        "until": until(pl.col("ripe_on"), today=today, language=language),
        "month": month(pl.col("since"), language=language),
    }


def _fill(template: str, language: str) -> pl.Expr:
    """Turn "{who} bestelt {every}." into one expression over the words of each row."""
    times, last = TWICE[language]
    filled = template.replace("{times}", times).replace("{last}", last)
    parts: list[pl.Expr] = []
    for piece in filled.replace("{", "\0{").replace("}", "}\0").split("\0"):
        if piece == "{subject}":
            parts.append(pl.col("subject"))
        elif piece:
            parts.append(pl.col(f"word_{piece[1:-1]}") if piece.startswith("{") else pl.lit(piece))
    return pl.concat_str(parts)
