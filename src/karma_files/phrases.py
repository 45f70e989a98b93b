"""Every sentence that the file readers say to people, in English and Dutch, by a stable code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from karma_core.errors import KarmaError
from karma_files.sentences import ERRORS, IGNORED, NOTICES, REASONS, Said


def _say(sentences: dict[str, Said], code: str, language: str, parameters: Mapping[str, Any]) -> str:
    said = sentences[code]
    shown = {name: _grouped(value, language) for name, value in parameters.items()}
    return (said.nl if language == "nl" else said.en).format(**shown)


def _grouped(value: object, language: str) -> object:
    """A number with its thousands apart; anything else as it is."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    return f"{value:,}" if language == "en" else f"{value:,}".replace(",", ".")


class FileError(KarmaError):
    """A file that cannot be read as a whole: `code` and `parameters` say why, in any language."""

    def __init__(self, code: str, **parameters: Any) -> None:
        self.code = code
        self.parameters = parameters
        super().__init__(_say(ERRORS, code, "en", parameters), nl=_say(ERRORS, code, "nl", parameters))


@dataclass(frozen=True)
class Notice:
    """Something that the reader of the result should know: a choice that was made, a doubt, a count.

    A notice that is a `warning` may change what the figures mean.
    """

    code: str
    parameters: dict[str, Any] = field(default_factory=dict)
    warning: bool = True

    def say(self, language: str) -> str:
        """The sentence in "nl" or "en"."""
        return _say(NOTICES, self.code, language, self.parameters)

    def __str__(self) -> str:
        return self.say("en")


def reason_text(code: str, language: str = "en") -> str:
    """What a rejection reason means, as a short sentence.

    >>> reason_text("no_such_day", "nl")
    'Die dag bestaat niet.'
    """
    return _say(REASONS, code, language, {})


def ignored_text(code: str, language: str = "en") -> str:
    """What kind of row was left aside because it is no record, or no longer one.

    >>> ignored_text("cancelled")
    'cancelled lines'
    """
    return _say(IGNORED, code, language, {})
