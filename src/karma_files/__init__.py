"""Files in, frames and accounted rows out: what the command line and the product read with.

Pure: bytes or a local path go in. `open_table` gives the table as it stands in the file, `parse` what it means.
"""

from karma_files.kinds import Candidate, candidates
from karma_files.limits import Limits
from karma_files.mapping import Mapping, load_mapping
from karma_files.opening import open_table
from karma_files.parse import Parsed, parse
from karma_files.phrases import FileError, Notice, ignored_text, reason_text
from karma_files.schema import KINDS, Field, Kind
from karma_files.tables import RawTable

__all__ = [
    "KINDS",
    "Candidate",
    "Field",
    "FileError",
    "Kind",
    "Limits",
    "Mapping",
    "Notice",
    "Parsed",
    "RawTable",
    "candidates",
    "ignored_text",
    "load_mapping",
    "open_table",
    "parse",
    "reason_text",
]
