"""Every message of the command line has its Dutch, and no Dutch stands unused."""

import importlib.util
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "messages.py"


def test_every_command_line_message_has_its_dutch():
    spec = importlib.util.spec_from_file_location("messages", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.faults() == []
