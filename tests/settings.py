"""The product's settings with which the tests run; DATABASE_URL chooses the database."""

import os
import tempfile
from pathlib import Path

os.environ["KARMA_MODE"] = "test"
os.environ.setdefault("KARMA_HOME", tempfile.mkdtemp(prefix="karma-test-"))

(Path(os.environ["KARMA_HOME"]) / "static").mkdir(parents=True, exist_ok=True)

from karma.settings import *  # noqa: E402, F403

CACHES["memory"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}  # noqa: F405

if DATABASES["default"]["ENGINE"] == "karma.sqlite":  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}  # noqa: F405 (pytest-xdist knows Django's own engine only)
