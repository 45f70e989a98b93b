"""`karma init` where nobody sits behind it: a clear sentence, or the link once more."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def init(tmp_path):
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environ = {**kept, "KARMA_HOME": str(tmp_path / "home"), "KARMA_MODE": "test", "KARMA_LANGUAGE": "en"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "karma", "init", *words]
        return subprocess.run(
            command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    return run


def test_init_without_a_terminal_says_how_to_name_the_administrator(init):
    ended = init()
    assert (ended.returncode, "Type karma init --email ADDRESS." in ended.stderr) == (2, True)
    assert "Traceback" not in ended.stderr


def test_init_again_before_the_administrator_joined_gives_a_new_link(init):
    links = [
        init("--email", "bea@noorderlicht.example", "--name", "Bea").stdout.split()[-1],
        init().stdout.split()[-1],
    ]
    assert ["/invitation/" in link for link in links] == [True, True]
    assert links[0] != links[1]
