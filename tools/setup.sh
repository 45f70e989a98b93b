#!/bin/sh
# Makes the virtual environment from the hashed requirements; names what a bare machine lacks.
set -eu
cd "$(dirname "$0")/.."
kind=$1
case $kind in run) locked=base ;; dev|spark) locked=$kind ;; *) echo "usage: setup.sh run|dev|spark" >&2; exit 2 ;; esac
python=${PYTHON:-python3}
venv=${VENV:-.venv}

lacks() {
    echo "This machine lacks $1. Install it with: apt-get install $2" >&2
    exit 1
}
command -v "$python" >/dev/null 2>&1 || lacks "$python" python3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Karma Sales needs Python 3.11 or later; $python is $("$python" -V)." >&2
    exit 1
}
"$python" -c 'import ensurepip, venv' 2>/dev/null || lacks "Python's venv module" python3-venv

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
say() { [ -n "${QUIET:-}" ] || echo "$1"; }
say "Installing what Karma Sales needs into $venv (a few minutes the first time)..."
if command -v uv >/dev/null 2>&1; then
    install() { uv pip install --quiet --compile-bytecode --python "$venv/bin/python" "$@"; }
else
    install() { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
fi
install --require-hashes -r requirements/build.txt
install --require-hashes -r "requirements/$locked.txt"
install --no-deps --no-build-isolation -e .
touch "$venv/run.stamp" "$venv/$kind.stamp"
