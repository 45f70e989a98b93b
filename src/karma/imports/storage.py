"""Where uploads and rows on their way stand: under names of our own, in a folder that no web server serves."""

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from karma.imports.models import ImportFile, ImportRun


@dataclass(frozen=True)
class Stored:
    """A file that was kept: our name for it, its size and its hash."""

    name: str
    size: int
    sha256: str


def folder_of(run: ImportRun) -> Path:
    """The folder of a run; made where it is not there."""
    folder = Path(settings.MEDIA_ROOT) / "imports" / str(run.pk)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def keep(run: ImportRun, chunks: Iterable[bytes]) -> Stored:
    """Write what was sent under a name of our own, counting and hashing while it streams."""
    name, digest, size = uuid4().hex, hashlib.sha256(), 0
    with (folder_of(run) / name).open("xb") as target:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    return Stored(name, size, digest.hexdigest())


def upload_of(file: ImportFile) -> Path:
    return folder_of(file.run) / file.stored


def staged_of(file: ImportFile) -> Path:
    return folder_of(file.run) / f"{file.stored}.staged.parquet"


def rejected_of(file: ImportFile) -> Path:
    return folder_of(file.run) / f"{file.stored}.rejected.parquet"


def forget(run: ImportRun) -> None:
    """Remove all files of a run."""
    shutil.rmtree(folder_of(run), ignore_errors=True)
