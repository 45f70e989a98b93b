"""The limited process in which a file from outside is opened: it knows no database, no secrets and no network.

It reads one request from standard input and writes one answer to standard output; rows go to Parquet files that
the parent named. Its memory, processor time and output are capped before it looks at the first byte.
"""

import json
import re
import resource
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from traceback import extract_tb
from typing import Any

MEMORY_BYTES = 2 * 1024**3
SECONDS = 60
OUTPUT_BYTES = 4 * 1024**3
SHOWN = 60
SAMPLES = 3
VALUES = 300


def cap(*, size: int) -> None:
    """2 GB of what it can write to, 60 seconds and one more per MB; addresses alone cost a machine nothing."""
    seconds = SECONDS + size // 1_000_000
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    cap(size=Path(request["path"]).stat().st_size)
    json.dump(answer(request), sys.stdout)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request; a file that cannot be read is an answer too, and so is a fault of our own."""
    from polars.exceptions import PanicException  # noqa: PLC0415 (only once the caps hold)

    from karma_files import FileError  # noqa: PLC0415

    try:
        return _TASKS[request["task"]](request)
    except FileError as fault:
        return {"fault": {"code": fault.code, "parameters": _plain(fault.parameters)}}
    except (Exception, PanicException) as fault:
        if _is_of_the_caps(fault):
            return {"fault": {"code": "too_large", "parameters": _TOO_LARGE}}
        return {"broke": _places(fault)}


_TOO_LARGE = {"limit": "2", "unit_en": "GB of memory", "unit_nl": "GB geheugen"}
_OF_THE_CAPS = ("os error 12)", "os error 27)")
"""No memory, and a file that grows too large, as Polars tells them: in words only."""


def _is_of_the_caps(fault: BaseException) -> bool:
    """Whether the caps brought this about. Polars may break anyhow where memory is all but used."""
    if isinstance(fault, MemoryError) or any(told in str(fault) for told in _OF_THE_CAPS):
        return True
    return _used_bytes() > MEMORY_BYTES * 0.9


def _used_bytes() -> int:
    """What the memory cap counts, while a fault's traceback still holds all that was being worked on."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData")), 0)


def _places(fault: BaseException) -> str:
    """What broke and where in the code; never its message, which may quote the file."""
    places = [
        f"{Path(each.filename).name}:{each.lineno} in {each.name}" for each in extract_tb(fault.__traceback__)
    ]
    number = re.search(r"os error \d+", str(fault))
    return " < ".join([f"{type(fault).__name__}{f' ({number[0]})' if number else ''}", *reversed(places)])


def look(request: dict[str, Any]) -> dict[str, Any]:
    """What the table holds and what it may be."""
    from karma_files import candidates  # noqa: PLC0415

    table = _open(request)
    head = table.frame.head(2000).collect()
    return {
        "columns": [{"name": name, "samples": _samples(head[name].to_list())} for name in table.columns],
        "candidates": [asdict(each) for each in candidates(table)],
        "notices": _notices(table.notes),
        "choices": {"encoding": table.encoding, "delimiter": table.delimiter, "sheet": table.sheet},
    }


def read(request: dict[str, Any]) -> dict[str, Any]:
    """Read the table as a kind, write what was kept and what was set aside, and say what was seen."""
    from karma_files import FileError, parse  # noqa: PLC0415

    mapping = _mapping(request)
    table = _open(request)
    if "columns" in request["mapping"]:
        kept = [*dict.fromkeys(request["mapping"]["columns"].values())]
        table = replace(table, columns=tuple(kept), frame=table.frame.select("line", *kept))
    seen = _seen(table, request["kind"], request["mapping"].get("columns") or {})
    others = {name: _open({**request, **other}) for name, other in request.get("others", {}).items()}
    try:
        parsed = parse(
            table, request["kind"], mapping=mapping, currency=request["currency"] or None, others=others
        )
    except FileError as fault:
        return {"fault": {"code": fault.code, "parameters": _plain(fault.parameters)}, "seen": seen}
    from karma.imports.staged import stage  # noqa: PLC0415

    stage(parsed).write_parquet(request["staged"])
    _set_aside(table, parsed).write_parquet(request["rejected"])
    return {
        "rows": parsed.rows,
        "rejected": parsed.rejected,
        "ignored": dict(parsed.ignored),
        "currency": parsed.currency or "",
        "missing": list(parsed.missing),
        "columns": {name: found["column"] for name, found in parsed.columns.items()},
        "notices": _notices((*parsed.warnings, *parsed.notes)),
        "seen": seen,
    }


def _open(request: dict[str, Any]) -> Any:
    from karma_files import open_table  # noqa: PLC0415

    return open_table(Path(request["path"]), name=request["name"], mapping=_mapping(request))


def _mapping(request: dict[str, Any]) -> Any:
    from karma_files import Mapping, load_mapping  # noqa: PLC0415
    from karma_files.mapping import KindMapping  # noqa: PLC0415

    given = request.get("mapping") or {}
    if "toml" in given:
        return load_mapping(given["toml"].encode())
    settings = {key: value for key, value in given.get("settings", {}).items() if value}
    own = KindMapping(columns=given.get("columns", {}), values=given.get("values", {}))
    return Mapping(**settings, time_zone=request["time_zone"], kinds={request.get("kind", ""): own})


def _samples(values: list[Any]) -> list[str]:
    texts = (str(value).strip() for value in values if value is not None)
    return [text[:SHOWN] for text in list(dict.fromkeys(text for text in texts if text))[:SAMPLES]]


def _notices(notices: Any) -> list[dict[str, Any]]:
    return [
        {"code": each.code, "parameters": _plain(each.parameters), "is_warning": each.warning} for each in notices
    ]


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    """What can travel as JSON; the rest as the text that it would have been shown as."""
    return {
        key: value if isinstance(value, str | int | float | bool) or value is None else str(value)
        for key, value in parameters.items()
    }


def _seen(table: Any, kind: str, columns: dict[str, str]) -> dict[str, list[list[Any]]]:
    """The distinct values, most frequent first, of columns whose words a person may have to explain."""
    import polars as pl  # noqa: PLC0415

    wanted = {
        field: column for field, column in columns.items() if field in ("outcome", "stage", "owner", "channel")
    }
    seen = {}
    for field, column in wanted.items():
        texts = table.frame.select(pl.col(column).cast(pl.String).str.strip_chars().alias("value"))
        counted = texts.filter(pl.col("value").fill_null("") != "").group_by("value").len()
        rows = counted.sort(["len", "value"], descending=[True, False]).head(VALUES).collect()
        seen[field] = [[value[:160], count] for value, count in rows.iter_rows()]
    return seen


def _set_aside(table: Any, parsed: Any) -> Any:
    """The rejections, each with the cells of its row as the file has them."""
    import polars as pl  # noqa: PLC0415

    cells = table.frame.select(
        "line", *(pl.col(name).cast(pl.String).alias(f"cell:{name}") for name in table.columns)
    )
    lines = parsed.rejections["line"].unique().implode()
    return parsed.rejections.join(
        cells.filter(pl.col("line").is_in(lines)).collect(), on="line", how="left", maintain_order="left"
    )


_TASKS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"look": look, "read": read}

if __name__ == "__main__":
    main()
