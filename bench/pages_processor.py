"""Processor time and queries of pages, in one process: what a busy machine does not change much.

    KARMA_HOME=FOLDER python bench/pages_processor.py Anna /today/ /team/

FOLDER is one that `bench/pages.py --home FOLDER` has filled; pages are asked as one of the three who look there.
"""

import os
import statistics
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karma.settings")
os.environ.setdefault("KARMA_MODE", "test")
import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from karma.people.models import Person  # noqa: E402

TIMES = 7


def main() -> None:
    who, *pages = sys.argv[1:]
    browser = Client(headers={"host": "127.0.0.1"})
    browser.force_login(Person.objects.get(name=who))
    for page in pages:
        answer = browser.get(page, follow=True)
        spent = []
        for _ in range(TIMES):
            begun = time.process_time()
            browser.get(page, follow=True)
            spent.append(time.process_time() - begun)
        with CaptureQueriesContext(connection) as queries:
            browser.get(page, follow=True)
        print(
            who, page, answer.status_code, f"{statistics.median(spent) * 1000:.0f} ms", f"{len(queries)} queries"
        )


main()
