"""The fair mirror: what came from the person, the customers, the leads, and chance.

Nothing here sorts, ranks or compares persons by result: they come in order of the input.
"""

from karma_core.mirror.answer import Block, Mirror, PersonMirror, RefusedColumn
from karma_core.mirror.looking import Question, Shows, look_in_mirror
from karma_core.mirror.shares import Share, Shares

__all__ = [
    "Block",
    "Mirror",
    "PersonMirror",
    "Question",
    "RefusedColumn",
    "Share",
    "Shares",
    "Shows",
    "look_in_mirror",
]
