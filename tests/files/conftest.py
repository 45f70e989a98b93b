"""Property tests of files have no deadline: the machine that runs them is shared."""

from hypothesis import settings

settings.register_profile("no_deadline", deadline=None)
settings.load_profile("no_deadline")
