"""What people and files try against imports: nothing runs, nothing foreign is reached, nothing is guessed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories.imports import COMPANIES, imported

from karma.customers.models import Customer
from karma.imports.models import ImportRun
from karma.people.models import Person
from karma.working import work

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"
PAYLOADS = (
    SCRIPT,
    '"><img src=x onerror=alert(1)>',
    "{{6007*7001}}",
    "{% debug %}",
    "' OR 1=1 --",
    "%s%n",
    "javascript:alert(1)",
)


@pytest.fixture
def desk(house, sign_in):
    return sign_in(house.bea)


def bring(desk, files, source="HubSpot", **more):
    uploads = [
        SimpleUploadedFile(name, data if isinstance(data, bytes) else data.encode())
        for name, data in files.items()
    ]
    answer = desk.post("/imports/new/", {"source": source, "uploads": uploads, **more})
    work(until_empty=True)
    return desk.get(answer.url, follow=True)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_of_a_file_is_text_on_every_page(desk, payload):
    quoted = payload.replace('"', '""')
    text = COMPANIES.replace("Jansen Zuivel", f'"{quoted}"').replace("City", f'"{quoted}"')
    answer = bring(desk, {f"{SCRIPT}.csv": text}, source=payload[:60])
    run = ImportRun.objects.get()
    pages = [answer, desk.get(f"/imports/{run.pk}/columns/{run.files.get().pk}/"), desk.get("/imports/")]
    for page in pages:
        assert SCRIPT not in page.content.decode()
        assert payload == "%s%n" or "<" not in payload or payload not in page.content.decode()
        assert "42055007" not in page.content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.csv",
        "..\\..\\x.csv",
        "a\x00b.csv",
        "x\u202evsc.exe",
        '"; rm -rf /.csv',
        "con.csv.png.html",
    ],
)
def test_name_of_an_upload_never_reaches_the_disk(desk, tmp_path, name):
    from karma.imports.operations import plain_name

    bring(desk, {"companies.csv": COMPANIES})
    plain = plain_name(name)
    assert "/" not in plain
    assert "\\" not in plain
    assert plain.isprintable()
    kept = [path.name for path in (tmp_path / "imports").rglob("*") if path.is_file()]
    assert all(len(each.split(".")[0]) == 32 for each in kept)


def test_upload_is_served_nowhere(desk, tmp_path):
    bring(desk, {"page.html": "<html><script>alert(1)</script></html>"})
    run = ImportRun.objects.get()
    stored = run.files.get().stored
    addresses = [f"/files/imports/{run.pk}/{stored}", f"/static/{stored}", f"/imports/{run.pk}/{stored}"]
    assert [desk.get(address).status_code for address in addresses] == [404, 404, 404]
    assert "webpagina" in desk.get(f"/imports/{run.pk}/files/").content.decode()


def test_fields_that_no_form_has_are_ignored(desk, house):
    bring(
        desk,
        {"companies.csv": COMPANIES},
        asked_by=house.anna.pk,
        run_status="done",
        role="administrator",
        is_staff="1",
    )
    run = ImportRun.objects.get()
    assert (run.asked_by, run.run_status, Person.objects.filter(role="administrator").count()) == (
        house.bea, "mapping", 1,
    )  # fmt: skip


def test_column_or_kind_that_is_not_offered_is_refused(desk):
    bring(desk, {"companies.csv": COMPANIES})
    run = ImportRun.objects.get()
    file = run.files.get()
    refused = desk.post(f"/imports/{run.pk}/columns/{file.pk}/", {"column0": "last_run"})
    assert refused.status_code == 422
    desk.post(f"/imports/{run.pk}/files/", {f"kind{file.pk}": "auth_user"})
    file.refresh_from_db()
    assert file.kind == "customers"


def test_file_of_another_run_is_as_absent_as_none(desk):
    first, second = imported({"companies.csv": COMPANIES}), imported({"companies.csv": COMPANIES})
    foreign = desk.get(f"/imports/{first.pk}/rejected/{second.files.get().pk}/")
    absent = desk.get(f"/imports/{first.pk}/rejected/999999/")
    assert (foreign.status_code, absent.status_code) == (404, 404)


def test_person_made_by_a_file_cannot_sign_in_or_become_administrator(house):
    people = (
        "Personeelsnummer,Naam,E-mail,Functie,Team,role\nP1,Eva,eva@evil.example,Directeur,Oost,administrator\n"
    )
    imported({"medewerkers.csv": people}, source="HR")
    eva = Person.objects.get(name="Eva")
    assert (eva.role, eva.has_usable_password(), eva.has_joined, eva.sees_everything) == (
        "member",
        False,
        False,
        False,
    )


def test_address_of_a_colleague_in_a_file_changes_nothing_of_them(house):
    before = Person.objects.filter(pk=house.bea.pk).values().get()
    people = "Personeelsnummer,Naam,E-mail,Functie,Team\nP1,Mallory,bea@noorderlicht.example,Monteur,Zuid\n"
    imported({"medewerkers.csv": people}, source="HR")
    assert Person.objects.filter(pk=house.bea.pk).values().get() == before


def test_otto_sees_nothing_of_what_came_in_for_another_team(house, sign_in):
    imported({"companies.csv": COMPANIES})
    otto = sign_in(house.otto)
    customer = Customer.objects.get(name="De Vries Installaties")
    assert otto.get(f"/customers/{customer.pk}/").status_code == 404
    assert "De Vries" not in otto.get("/search/?q=vries").content.decode().replace("q=vries", "")
    assert "De Vries" not in otto.get("/customers/").content.decode()


@pytest.mark.parametrize("page", ["99999999999", "-1", "x", "1e9"])
def test_page_that_is_not_there_gives_the_nearest(desk, page):
    assert desk.get(f"/imports/?page={page}").status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_same_queries_for_one_and_for_three(desk, number, django_assert_num_queries):
    for _ in range(number):
        imported({"companies.csv": COMPANIES})
    desk.get("/imports/")
    with django_assert_num_queries(8):
        desk.get("/imports/")


def test_only_who_runs_the_installation_sees_runs(house):
    run = imported({"companies.csv": COMPANIES})
    everyone = (house.anna, house.marijke, house.otto, house.joost, house.bea)
    assert [list(ImportRun.objects.visible_to(person)) for person in everyone] == [[], [], [], [], [run]]
