"""What the core refuses, said so that the reader knows what to do next."""


class KarmaError(Exception):
    """The base of everything that the core and the file readers refuse on purpose.

    The message is a full sentence for the person at the screen: what is wrong and what to do. It is English;
    `nl` carries the same in Dutch.
    """

    def __init__(self, message: str, *, nl: str | None = None) -> None:
        super().__init__(message)
        self.nl = nl

    def say(self, language: str) -> str:
        """The sentence in "nl" or "en"; English where there is no Dutch."""
        return self.nl if language == "nl" and self.nl else str(self)


class FrameError(KarmaError):
    """A frame does not keep its contract: a column is missing, has another type or holds nulls."""


class TooLittleData(KarmaError):  # noqa: N818 (it is said to people, and is no fault of theirs)
    """There is too little data to say anything honest."""


class FitError(KarmaError):
    """A model could not be fitted on data that keep their contract; our fault, not the user's."""
