"""karma mirror in its own words: the document, one person's mirror, the bare fit, and what it refuses."""

import json
from pathlib import Path

import polars as pl
import pytest

from karma.cli.mirror_answer import in_percent
from karma_core.effects import design, fit_binomial
from karma_core.mirror import Share
from karma_core.simulate.mirror import mirror_deals

KEYS = [
    "n", "open_left_out", "log_likelihood", "sd", "coefficients", "shares", "people", "margin",
    "lost_after_signature", "refused_columns", "warnings",
]  # fmt: skip


@pytest.fixture(scope="module")
def world() -> pl.DataFrame:
    return mirror_deals(seed=11, deals=900, people=6, segments=6, skill_sd=0.4, leave_open=True).deals


@pytest.fixture
def deals(tmp_path, world) -> Path:
    """A Dutch export: semicolons, decimal commas, days first."""
    frame = world.with_columns(
        pl.col("size").round(4).cast(pl.String).str.replace(".", ",", literal=True),
        pl.col("opened_on", "closed_on").dt.to_string("%d-%m-%Y"),
        (pl.col("margin_cents", "realised_margin_cents") / 100)
        .round(2)
        .cast(pl.String)
        .str.replace(".", ",", literal=True),
    ).rename({"margin_cents": "marge", "realised_margin_cents": "nacalculatie"})
    path = tmp_path / "aanvragen.csv"
    frame.write_csv(path, separator=";")
    return path


ASKED = (
    "--outcome", "outcome", "--won", "won", "--lost", "lost", "--person", "person", "--mix", "segment,source",
    "--numeric", "size", "--opened", "opened_on", "--closed", "closed_on", "--margin", "marge",
    "--realised", "nacalculatie",
)  # fmt: skip


def test_the_team_sees_its_shares_and_nobody_in_particular(karma, deals):
    document = karma("mirror", deals, *ASKED, "--json").document
    assert list(document) == KEYS
    assert (document["people"], document["margin"]["people"]) == ([], [])
    assert set(document["shares"]) == {"person", "mix", "chance"}


def test_one_person_sees_their_own_mirror(karma, deals, world):
    person = world["person"][0]
    document = karma("mirror", deals, *ASKED, "--person-is", person, "--json").document
    assert [found["person"] for found in document["people"]] == [person]
    assert set(document["people"][0]["sentence"]) == {"nl", "en"}


def test_everybody_comes_in_order_of_the_file_with_a_notice(karma, deals, speak, world):
    speak("en")
    document = karma("mirror", deals, *ASKED, "--all-people", "--json").document
    cut = [found["person"] for found in document["people"]]
    order = world["person"].unique(maintain_order=True).to_list()
    assert set(cut) == set(order)
    assert any(warning.startswith("--all-people") for warning in document["warnings"])


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_every_kind_of_file_gives_the_same_answer(karma, tmp_path, world, ending):
    path = tmp_path / f"deals.{ending}"
    frame = world.select("outcome", "person", "segment", "size")
    {"csv": frame.write_csv, "xlsx": frame.write_excel, "parquet": frame.write_parquet}[ending](path)
    asked = ("--outcome", "outcome", "--won", "won", "--person", "person", "--mix", "segment", "--numeric", "size")
    document = karma("mirror", path, *asked, "--json").document
    assert document["n"] == world.filter(pl.col("outcome") != "open").height
    assert document["log_likelihood"] == pytest.approx(_reference(world), abs=1e-3)


def _reference(world: pl.DataFrame) -> float:
    closed = world.filter(pl.col("outcome") != "open").with_columns(
        y=(pl.col("outcome") == "won").cast(pl.Float64)
    )
    return fit_binomial(design(closed, response="y", random=["segment", "person"], fixed=["size"])).log_likelihood


@pytest.mark.parametrize(("tag", "word"), [("nl", "toeval"), ("en", "chance")])
def test_without_json_it_speaks(karma, deals, speak, world, tag, word):
    speak(tag)
    ran = karma("mirror", deals, *ASKED, "--person-is", world["person"][0])
    assert ran.status == 0
    assert word in ran.out


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (Share(0.193, 0.181, 0.204), "ongeveer 19% (tussen 18 en 20%)"),
        (Share(0.021, 0.019, 0.023), "ongeveer 2%, op een half procent na"),
        (Share(0.001, 0.0, 0.004), "minder dan 1%"),
        (Share(0.001, 0.0, 0.014), "ongeveer 0% (tussen 0 en 1%)"),
    ],
)
def test_a_share_is_said_with_how_sure_it_is(speak, share, said):
    speak("nl")
    assert in_percent(share) == said


@pytest.mark.parametrize(
    "asked",
    [
        ("--won", "won", "--person", "person"),
        ("--outcome", "outcome", "--won", "gone", "--person", "person"),
        ("--outcome", "outcome", "--won", "won", "--person", "nobody"),
        ("--outcome", "outcome", "--won", "won", "--person", "person", "--mix", "nothing"),
        ("--outcome", "outcome", "--won", "won", "--person", "person", "--numeric", "segment"),
        ("--outcome", "outcome", "--won", "won", "--person", "person", "--person-is", "p1", "--all-people"),
        ("--outcome", "outcome", "--won", "won", "--person", "person", "--person-is", "zz"),
        ("--response", "size"),
        ("--response", "size", "--random", "person", "--method", "reml", "--family", "binomial"),
        ("--response", "nothing", "--random", "person"),
        ("--response", "segment", "--random", "person"),
        ("--response", "size", "--random", "deal"),
        ("--response", "size", "--random", "person", "--fixed", "marge,marge"),
        ("--response", "size", "--random", "person", "--outcome", "outcome"),
    ],
)
def test_what_cannot_run_is_refused_with_one_sentence(karma, deals, asked):
    ran = karma("mirror", deals, *asked, "--json")
    assert (ran.status, ran.out) == (2, "")
    assert len(ran.err.strip()) > 30
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("content", [b"", b"outcome;person;size\n"])
def test_an_empty_file_is_refused(karma, tmp_path, content):
    path = tmp_path / "empty.csv"
    path.write_bytes(content)
    ran = karma("mirror", path, "--outcome", "outcome", "--won", "won", "--person", "person", "--json")
    assert (ran.status, ran.out) == (2, "")
    assert len(ran.err.strip()) > 20


REFERENCE = json.loads(
    (Path(__file__).parents[2] / "core" / "effects" / "reference" / "lme4_reference.json").read_text()
)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Penicillin_reml", "Penicillin.csv --response diameter --random plate,sample --method reml"),
        ("Dyestuff_ml", "Dyestuff.csv --response Yield --random Batch"),
        ("sleepstudy_ml", "sleepstudy.csv --response Reaction --random (Days|Subject) --fixed Days"),
        (
            "sleepstudy_reml",
            "sleepstudy.csv --response Reaction --random 1+Days|Subject --method reml --fixed Days",
        ),
        ("cbpp_ml", "cbpp.csv --response incidence --trials size --random herd --fixed period"),
        (
            "re_100k_logistic",
            "re_100k.parquet --response y --random rep,seg,src --fixed size,new --family binomial",
        ),
    ],
)
def test_the_bare_fit_is_that_of_lme4(karma, sample_data, name, asked):
    file, *rest = asked.split()
    document = karma("mirror", sample_data("mirror_reference") / file, *rest, "--json").document
    assert document["log_likelihood"] == pytest.approx(REFERENCE[name]["log_likelihood"], abs=0.01)
    assert document["coefficients"] == pytest.approx(REFERENCE[name]["coefficients"], abs=0.001)
    for row in REFERENCE[name]["spread"]:
        if row["grp"] in document["sd"] and row["var1"] == "(Intercept)" and not row.get("var2"):
            assert document["sd"][row["grp"]] == pytest.approx(row["sdcor"], rel=0.005)


def test_a_bare_fit_leaves_rows_with_gaps_out_and_says_so(karma, speak, tmp_path):
    speak("en")
    path = tmp_path / "gaps.csv"
    path.write_text("y,x,g\n1.5,1,a\n2.5,,a\n3.5,3,b\n4.5,4,b\n5.0,6,c\n5.5,5,c\n")
    document = karma("mirror", path, "--response", "y", "--random", "g", "--fixed", "x", "--json").document
    assert document["n"] == 5
    assert document["warnings"] == ["1 row has a gap and was left out."]


def test_a_number_that_can_be_read_in_two_ways_is_asked_for_and_then_taken(karma, tmp_path):
    path = tmp_path / "two_ways.csv"
    rows = [f"{'won' if i % 3 else 'lost'};p{i % 6};{1 + i % 7}.{100 + i}" for i in range(300)]
    path.write_text("status;who;amount\n" + "\n".join(rows) + "\n")
    asked = (
        "mirror",
        path,
        "--outcome",
        "status",
        "--won",
        "won",
        "--person",
        "who",
        "--numeric",
        "amount",
        "--json",
    )
    refused = karma(*asked)
    assert (refused.status, "--decimal" in refused.err) == (2, True)
    slopes = [karma(*asked, "--decimal", sign).document["coefficients"]["amount"] for sign in ("comma", "point")]
    assert slopes[0] * 1000 == pytest.approx(slopes[1], rel=1e-3)


def test_a_column_without_numbers_is_refused_with_what_may_be_done(karma, deals, speak):
    speak("en")
    asked = ("mirror", deals, "--outcome", "outcome", "--won", "won", "--person", "person")
    assert "--mix" in karma(*asked, "--numeric", "segment").err
    assert "--mix" not in karma(*asked, "--margin", "segment").err


def test_a_bare_fit_speaks_too(karma, tmp_path):
    path = tmp_path / "fit.csv"
    path.write_text("y,g\n1.5,a\n2.5,a\n3.5,b\n4.5,b\n5.0,c\n6.5,c\n")
    ran = karma("mirror", path, "--response", "y", "--random", "g")
    assert (ran.status, "log-likelihood" in ran.out) == (0, True)


@pytest.mark.parametrize("gap", ["", "NA", "NaN"])
def test_what_stands_where_there_is_nothing_is_a_gap_in_a_bare_fit(karma, speak, tmp_path, gap):
    speak("en")
    rows = [[str(i % 7), f"a{i % 4}", f"{i * 0.37 % 5:.2f}"] for i in range(120)]
    for place, column in ((3, 0), (14, 1), (25, 2)):
        rows[place][column] = gap
    path = tmp_path / "rows.csv"
    path.write_text("y,g,x\n" + "".join(",".join(row) + "\n" for row in rows))
    fit = karma("mirror", path, "--response", "y", "--random", "g", "--fixed", "x", "--json").document
    assert (fit["n"], list(fit["coefficients"]), list(fit["conditional_modes"]["g"])) == (
        117, ["(Intercept)", "x"], ["a0", "a1", "a2", "a3"],
    )  # fmt: skip
    assert fit["warnings"] == ["3 rows have a gap and were left out."]


def test_numbers_with_a_word_among_them_are_no_labels(karma, speak, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("y,g,x\n" + "".join(f"{i % 7},a{i % 4},{'unknown' if i == 5 else i}\n" for i in range(40)))
    speak("en")
    said = karma("mirror", path, "--response", "y", "--random", "g", "--fixed", "x")
    assert (said.status, "holds numbers, but also unknown" in said.err) == (2, True)
    speak("nl")
    assert "maar ook unknown" in karma("mirror", path, "--response", "y", "--random", "g", "--fixed", "x").err


def test_rows_that_do_not_fit_the_header_are_counted_and_a_header_given_twice_is_said(karma, speak, tmp_path):
    speak("en")
    rows = "".join(f"{i % 2},p{i % 4},s{i % 3},t\n" for i in range(40)) + "1,p1\n"
    path = tmp_path / "rows.csv"
    path.write_text("won,rep,seg,seg\n" + rows)
    asked = ("--outcome", "won", "--won", "1", "--person", "rep", "--mix", "seg", "--json")
    said = "One row of the file does not fit its header and is left out."
    document = karma("mirror", path, *asked).document
    assert (document["n"], said in document["warnings"]) == (40, True)
    assert any("seg (2)" in warning for warning in document["warnings"])
    fit = karma("mirror", path, "--response", "won", "--random", "rep", "--json").document
    assert (fit["n"], said in fit["warnings"]) == (40, True)


def test_a_column_with_a_comma_in_its_name_can_be_named(karma, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text('y,"person, name"\n' + "".join(f"{i * 7 % 11},p{i % 4}\n" for i in range(40)))
    fit = karma("mirror", path, "--response", "y", "--random", '"person, name"', "--json").document
    assert list(fit["conditional_modes"]) == ["person, name"]
