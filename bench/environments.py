"""Environments of the peers: bench/.venv-<peer>, each made at its first use."""

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent


def python_of(peer: str) -> str:
    """The interpreter of a peer's environment, made from bench/peers/<peer>.txt where it does not stand yet."""
    place = HERE / f".venv-{peer}"
    python = place / "bin" / "python"
    if not python.exists():
        print(f"making {place.name} ...", file=sys.stderr)
        venv.create(place, with_pip=True)
        install = [python, "-m", "pip", "install", "--quiet", "-r", HERE / "peers" / f"{peer}.txt"]
        subprocess.run(install, check=True)
    return str(python)
