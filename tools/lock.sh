#!/bin/sh
# Writes the hashed lock files from requirements/*.in; no host is named in them.
set -eu
cd "$(dirname "$0")/../requirements"
lock() {
    uv pip compile --quiet --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
        --python-version 3.11 --no-annotate "$@"
}
lock build.in -o build.txt
lock base.in -o base.txt
lock -c base.txt spark.in -o spark.txt
lock -c base.txt -c build.txt -c spark.txt dev.in -o dev.txt
if grep -nE 'https?://' ./*.txt; then
    echo "A lock file names a host." >&2
    exit 1
fi
