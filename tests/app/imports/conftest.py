"""Uploads of tests go to a folder of their own, and are read in this process unless a test is about the child."""

import json

import pytest

from karma.imports import reading
from karma.imports.child import answer


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def in_this_process(request, monkeypatch):
    """A child takes a second to start; what it does is the same function (test_child proves it)."""
    if "child" not in request.module.__name__:
        monkeypatch.setattr(
            reading,
            "answer_of_child",
            lambda asked, _: json.loads(json.dumps(answer(json.loads(json.dumps(asked))))),
        )
