"""A company begins: the first administrator comes in, walks the guide, and invites a colleague."""

import pytest
from django.utils import timezone

from karma.people.enums import Function, Role
from karma.people.invitations import Newcomer, invite
from karma.people.models import Membership, Organisation, Person

pytestmark = pytest.mark.django_db(transaction=True)


def test_company_begins_and_invites(visit):
    newcomer = Newcomer("bea@noorderlicht.example", "Bea Bakker", Function.ADMINISTRATION, Role.ADMINISTRATOR)
    _bea, token = invite(newcomer, by=None, at=timezone.now())
    bea = visit()
    bea.open(f"/invitation/{token}/")
    bea.look("invitation")
    bea.page.fill("[name=password]", "een lange zin om te onthouden")
    bea.page.click(".btn-primary")
    bea.look("guide-company")
    bea.page.fill("[name=name]", "Noorderlicht Techniek")
    bea.page.click(".btn-primary")
    bea.page.fill("[name=name]", "Utiliteit")
    bea.page.check("[name=mine]")
    bea.page.click("main button.btn")
    bea.look("guide-teams")
    bea.page.click("a.btn-primary")
    bea.look("guide-people")
    bea.page.fill("[name=name]", "Anna de Boer")
    bea.page.fill("[name=email]", "anna@noorderlicht.example")
    bea.page.select_option("[name=team]", label="Utiliteit")
    bea.page.click("form[action='/people/invite/'] button")
    bea.look("invited")
    link = bea.page.inner_text("#link")

    anna = visit()
    anna.open("/invitation/" + link.rstrip("/").rpartition("/")[2] + "/")
    anna.page.fill("[name=password]", "weer een heel andere zin")
    anna.page.click(".btn-primary")
    anna.look("home")
    assert Organisation.objects.get().name == "Noorderlicht Techniek"
    assert Membership.objects.filter(person__email="anna@noorderlicht.example").count() == 1
    assert Person.objects.get(email="anna@noorderlicht.example").has_joined
