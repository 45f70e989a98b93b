"""Writing the invented company's files: all of them or none, and never over something else."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from tempfile import mkdtemp

import polars as pl

from karma.cli.language import _
from karma_core.errors import KarmaError
from karma_core.simulate import Company, Recipe, erp_exports, hubspot_exports
from karma_core.simulate.explained import README

MARK = Path("truth") / "recipe.json"
MADE_BY = "karma simulate"
IN_CP1252 = ("klanten.csv",)


class FolderError(KarmaError):
    """A folder that cannot hold the company's files."""


def check_folder(directory: Path) -> None:
    """Refuse a folder that holds anything that this command did not write; a company of before may be replaced."""
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise FolderError(
            _("{folder} is a file or a link. Choose a folder that is empty or not there yet.").format(
                folder=directory
            )
        )
    if _holds_something_else(directory):
        raise FolderError(
            _("The folder {folder} holds something else. Choose one that is empty or not there yet.").format(
                folder=directory
            )
        )


def _holds_something_else(directory: Path) -> bool:
    if not directory.is_dir():
        return False
    present = {str(path.relative_to(directory)) for path in directory.rglob("*") if not path.is_dir()}
    return bool(present - _made_before(directory))


def _made_before(directory: Path) -> set[str]:
    """The files that this command says it wrote here; none where it did not."""
    try:
        mark = json.loads((directory / MARK).read_text("utf-8"))
        return {str(MARK), *mark["files"]} if mark["made_by"] == MADE_BY else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def write_company(company: Company, recipe: Recipe, directory: Path, *, language: str) -> dict[str, int]:
    """Write every file into `directory`, replacing a company of before; rows by file, in order of writing.

    Raises FolderError where the machine refuses, and then leaves what stood there as it was.
    """
    try:
        with _whole(directory) as fresh:
            rows = _write_hubspot(company, fresh / "hubspot", language=language)
            rows |= _write_erp(company, fresh / "erp", language=language)
            rows |= _write_truth(company, fresh / "truth")
            (fresh / "README.txt").write_text(README, encoding="utf-8", newline="\n")
            mark = _mark(company, recipe, [*rows, "README.txt"])
            (fresh / MARK).write_text(json.dumps(mark, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise FolderError(
            _("The files cannot be written to {folder}: {cause}. Nothing was left behind.").format(
                folder=directory, cause=error.strerror or error
            )
        ) from None
    return rows


@contextmanager
def _whole(directory: Path) -> Iterator[Path]:
    """A new folder beside the one asked for, which takes its place when all is written."""
    place = directory.absolute()
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(dir=place.parent, prefix=f".{place.name}."))
    try:
        yield fresh
        fresh.chmod(0o755)
        _put(fresh, place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _put(fresh: Path, place: Path) -> None:
    """Rename; what stood there is looked at once more, set aside, and only then taken away."""
    check_folder(place)
    if not place.exists():
        fresh.rename(place)
        return
    aside = Path(mkdtemp(dir=place.parent, prefix=f".{place.name}.before."))
    place.rename(aside)
    try:
        fresh.rename(place)
    except OSError:
        aside.rename(place)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _write_hubspot(company: Company, folder: Path, *, language: str) -> dict[str, int]:
    folder.mkdir()
    rows = {}
    for name, frame in hubspot_exports(company, language=language).items():
        frame.write_csv(folder / name, float_precision=2)
        rows[f"hubspot/{name}"] = frame.height
    return rows


def _write_erp(company: Company, folder: Path, *, language: str) -> dict[str, int]:
    folder.mkdir()
    rows = {}
    for name, frame in erp_exports(company, language=language).items():
        _write_dutch(frame, folder / name)
        rows[f"erp/{name}"] = frame.height
    return rows


def _write_dutch(frame: pl.DataFrame, path: Path) -> None:
    """Semicolons, decimal commas and days as dd-mm-yyyy; older tables in the old Windows encoding."""
    old = path.name in IN_CP1252
    frame.write_csv(
        path,
        separator=";",
        decimal_comma=True,
        float_precision=2,
        date_format="%d-%m-%Y",
        include_bom=not old,
        line_terminator="\r\n",
    )
    if old:
        path.write_bytes(path.read_bytes().decode("utf-8").encode("cp1252"))


def _write_truth(company: Company, folder: Path) -> dict[str, int]:
    folder.mkdir()
    rows = {}
    for field in fields(company.truth):
        frame = getattr(company.truth, field.name)
        if isinstance(frame, pl.DataFrame):
            frame.write_parquet(folder / f"{field.name}.parquet")
            rows[f"truth/{field.name}.parquet"] = frame.height
    return rows


def _mark(company: Company, recipe: Recipe, files: list[str]) -> dict[str, object]:
    return {
        "made_by": MADE_BY,
        "ends_on": str(recipe.ends_on),
        "customers": recipe.customers,
        "people": recipe.head_count,
        "years": recipe.years,
        "seed": recipe.seed,
        "family": recipe.family,
        "leaver": company.truth.leaver,
        "files": files,
    }
