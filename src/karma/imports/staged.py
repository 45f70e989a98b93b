"""What a file that was read looks like on its way to the tables: fixed columns by kind, no wider than they are."""

import hashlib

import polars as pl

from karma_files import Parsed
from karma_files.tables import LINE

KEY = "key"
_KEY_LENGTH = 160
_AT_ONCE = 50_000
TEXT = pl.String
STAGED: dict[str, dict[str, tuple[type[pl.DataType], int]]] = {
    "people": {
        "person": (TEXT, 160), "name": (TEXT, 120), "email": (TEXT, 254), "team": (TEXT, 120),
        "function": (TEXT, 120), "from_on": (pl.Date, 0), "until_on": (pl.Date, 0), "hours": (pl.Float64, 0),
    },
    "customers": {
        "customer": (TEXT, 160), "name": (TEXT, 200), "segment": (TEXT, 120), "owner": (TEXT, 160),
        "email": (TEXT, 254), "phone": (TEXT, 40), "website": (TEXT, 200), "city": (TEXT, 120),
        "country": (TEXT, 60), "since_on": (pl.Date, 0),
    },
    "contacts": {
        "contact": (TEXT, 160), "name": (TEXT, 160), "email": (TEXT, 254), "phone": (TEXT, 40),
        "job_title": (TEXT, 120), "customer": (TEXT, 160),
    },
    "deals": {
        "deal": (TEXT, 160), "name": (TEXT, 200), "customer": (TEXT, 160), "customer_name": (TEXT, 200),
        "contact": (TEXT, 160), "outcome": (TEXT, 4), "stage": (TEXT, 80), "opened_on": (pl.Date, 0),
        "closed_on": (pl.Date, 0), "expected_close_on": (pl.Date, 0), "revenue_cents": (pl.Int64, 0),
        "margin_cents": (pl.Int64, 0), "stated_chance": (pl.Float64, 0), "source": (TEXT, 120),
        "owner": (TEXT, 160), "lost_reason": (TEXT, 200),
    },
    "stage_history": {
        "deal": (TEXT, 160), "on": (pl.Date, 0), "stage": (TEXT, 80), "revenue_cents": (pl.Int64, 0),
        "stated_chance": (pl.Float64, 0), "expected_close_on": (pl.Date, 0),
    },
    "purchases": {
        "customer": (TEXT, 160), "customer_name": (TEXT, 200), "on": (pl.Date, 0), "invoice": (TEXT, 80),
        "product": (TEXT, 200), "product_name": (TEXT, 200), "quantity": (pl.Float64, 0),
        "revenue_cents": (pl.Int64, 0), "cost_cents": (pl.Int64, 0), "deal": (TEXT, 160),
    },
    "responsibilities": {
        "customer": (TEXT, 160), "customer_name": (TEXT, 200), "person": (TEXT, 160), "team": (TEXT, 120),
        "from_on": (pl.Date, 0), "until_on": (pl.Date, 0),
    },
    "contact_moments": {
        "moment": (TEXT, 160), "on": (pl.Date, 0), "channel": (TEXT, 10), "customer": (TEXT, 160),
        "contact": (TEXT, 160), "deal": (TEXT, 160), "person": (TEXT, 160), "subject": (TEXT, 200),
        "note": (TEXT, 9000),
    },
}  # fmt: skip
_ID = {"people": "person", "customers": "customer", "contacts": "contact", "deals": "deal"}
ORDER = (
    "people", "customers", "responsibilities", "contacts", "deals", "stage_history", "purchases",
    "contact_moments",
)  # fmt: skip
"""The order in which kinds are written: each may point at rows of those before it."""


def stage(parsed: Parsed) -> pl.DataFrame:
    """The rows that were kept, with `line`, the kind's columns (days as ISO text) and the row's identity `key`."""
    columns = STAGED[parsed.kind]
    known = parsed.records.collect_schema().names()
    frame = parsed.records.select(
        pl.col(LINE),
        *(
            _fitted(name, dtype, length) if name in known else pl.lit(None, dtype=_plain(dtype)).alias(name)
            for name, (dtype, length) in columns.items()
        ),
    ).collect()
    return frame.with_columns(_keys(frame, parsed.kind))


def _plain(dtype: type[pl.DataType]) -> type[pl.DataType]:
    return TEXT if dtype is pl.Date else dtype


def _fitted(name: str, dtype: type[pl.DataType], length: int) -> pl.Expr:
    column = pl.col(name).cast(dtype)
    if dtype is pl.Date:
        return column.dt.to_string("%Y-%m-%d")
    return column.str.slice(0, length) if length else column


def _keys(frame: pl.DataFrame, kind: str) -> pl.Series:
    """The source's id; else a hash of (invoice, product, content) with the number of its occurrence."""
    if kind in _ID:
        return _shortened(frame[_ID[kind]])
    first = next(name for name in ("invoice", "deal", "customer") if name in frame.columns)
    head = pl.col(first).fill_null("").str.slice(0, 80)
    number = (pl.int_range(pl.len()).over("digest") + 1).cast(TEXT)
    keys = (
        frame.select(first)
        .with_columns(digest=_digests(frame))
        .select(pl.concat_str(head, pl.lit("#"), "digest", pl.lit("."), number).alias(KEY))
    )[KEY]
    if kind != "contact_moments":
        return keys
    own = pl.DataFrame({"own": _shortened(frame["moment"]), KEY: keys})
    return own.select(pl.when(pl.col("own").fill_null("") != "").then("own").otherwise(KEY).alias(KEY))[KEY]


def _digests(frame: pl.DataFrame) -> pl.Series:
    """A hash of what each row holds, but for a product's name, which may be spelt anew.

    Some rows at a time, since Python's strings take much more room.
    """
    texts = frame.lazy().select(
        pl.concat_str(pl.exclude(LINE, "product_name").cast(TEXT).fill_null("\x00"), separator="\x1f").alias(
            "digest"
        )
    )
    slices = texts.collect()["digest"].to_frame().iter_slices(_AT_ONCE)
    hashed = [
        pl.Series(
            "digest", [hashlib.blake2b(text.encode(), digest_size=12).hexdigest() for text in each["digest"]], TEXT
        )
        for each in slices
    ]
    return pl.concat(hashed) if hashed else pl.Series("digest", [], TEXT)


def _shortened(ids: pl.Series) -> pl.Series:
    return pl.Series(KEY, [value and _short(value) for value in ids], dtype=TEXT)


def _short(key: str) -> str:
    """An id that is too long for its column keeps its beginning and gets a hash for the rest."""
    if len(key) < _KEY_LENGTH:
        return key
    return f"{key[:120]}#{hashlib.blake2b(key.encode(), digest_size=12).hexdigest()}"
