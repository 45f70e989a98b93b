#!/bin/sh
# Draws the pictures of the README and the documentation anew, from the invented company of a fixed day.
set -eu
cd "$(dirname "$0")/.."
held=$(mktemp -d)
trap 'rm -rf "$held"' EXIT
KARMA_LANGUAGE=en
export KARMA_LANGUAGE
karma simulate "$held/company" --ends-on 2026-11-22 >/dev/null
lines=$held/company/erp/verkoopregels.csv
crm=$held/company/hubspot
karma plan --purchases "$lines" --deals "$crm/deals.csv" --history "$crm/deal-stage-history.csv" \
    --from 2027-01-01 --until 2027-04-01 --as-of 2026-11-22 --plot docs/images/plan.svg
karma rhythm "$lines" --as-of 2026-11-22 --horizon 28 --plot docs/images/rhythm.svg
KARMA_PICTURES=$PWD/docs/images KARMA_DEMO_CUSTOMERS=1500 .venv/bin/python -m pytest -q tests/journeys/test_demo.py -k pictures
