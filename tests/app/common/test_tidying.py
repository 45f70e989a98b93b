"""What is kept no longer than the register says, and what is said above lists meanwhile."""

from datetime import timedelta

import pytest
from tests.factories.imports import COMPANIES, begun, imported
from tests.factories.people import NOW
from tests.factories.who_may import _make_key

from karma.common.jobs import forget_old
from karma.imports.enums import RunStatus
from karma.imports.models import RunChange
from karma.imports.storage import staged_of, upload_of
from karma.people.invitations import Newcomer, invite
from karma.people.models import Invitation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    import json

    from karma.imports import reading
    from karma.imports.child import answer

    monkeypatch.setattr(
        reading, "answer_of_child", lambda asked, _: json.loads(json.dumps(answer(json.loads(json.dumps(asked)))))
    )


def test_uploads_of_a_month_ago_are_removed_and_the_run_stays(house, sign_in):
    run = imported({"companies.csv": COMPANIES})
    file = run.files.get()
    forget_old(at=NOW + timedelta(days=30))
    assert (upload_of(file).exists(), staged_of(file).exists()) == (True, True)
    forget_old(at=NOW + timedelta(days=31))
    assert (upload_of(file).exists(), staged_of(file).exists()) == (False, False)
    bea = sign_in(house.bea)
    assert [bea.get(f"/imports/{run.pk}/{page}").status_code for page in ("", "undo/")] == [200, 200]


def test_run_that_nobody_ended_is_put_away_with_its_uploads(house):
    run = begun({"companies.csv": COMPANIES}, source="ERP")
    forget_old(at=NOW + timedelta(days=31))
    run.refresh_from_db()
    assert run.run_status == RunStatus.DISCARDED


def test_run_of_more_than_a_year_ago_is_final(house, sign_in):
    run = imported({"companies.csv": COMPANIES})
    forget_old(at=run.published_at + timedelta(days=364))
    assert RunChange.objects.filter(run=run).exists()
    forget_old(at=run.published_at + timedelta(days=366))
    run.refresh_from_db()
    assert (RunChange.objects.filter(run=run).exists(), run.may_be_undone) == (False, False)
    sign_in(house.bea).post(f"/imports/{run.pk}/undo/")
    run.refresh_from_db()
    assert run.run_status == RunStatus.DONE


def test_invitation_is_kept_ninety_days_after_it_ended(house):
    invite(Newcomer("nieuw@noorderlicht.example", "Nieuw", "other", "member"), by=house.bea, at=NOW)
    forget_old(at=NOW + timedelta(days=14 + 89))
    assert Invitation.objects.count() == 1
    forget_old(at=NOW + timedelta(days=14 + 91))
    assert Invitation.objects.count() == 0


@pytest.mark.parametrize("status", ["publishing", "undoing"])
def test_lists_say_that_an_import_is_being_written(house, sign_in, status):
    run = imported({"companies.csv": COMPANIES})
    anna = sign_in(house.anna)
    assert "Er wordt een import geschreven" not in anna.get("/customers/").content.decode()
    run.run_status = status
    run.save()
    for page in ("/customers/", "/deals/"):
        assert "Er wordt een import geschreven" in anna.get(page).content.decode()


def test_administrator_without_second_step_is_told_and_others_are_not(house, sign_in):
    said = "met alleen een wachtwoord"
    assert said in sign_in(house.bea).get("/people/").content.decode()
    assert said not in sign_in(house.joost).get("/people/").content.decode()
    _make_key(house.bea, name="sleutel")
    assert said not in sign_in(house.bea).get("/people/").content.decode()
