"""The walk through an import, step by step, as the administrator goes it without JavaScript."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories.imports import COMPANIES, DEALS, HUBSPOT, LINES, imported
from tests.factories.tables import everything

from karma.customers.models import Customer
from karma.deals.models import Deal, PurchaseLine
from karma.imports import reading
from karma.imports.models import ImportRun, SavedMapping
from karma.imports.reading import FileFault
from karma.working import work

pytestmark = pytest.mark.django_db
ODD = "Naam;Waarde;Hoe ver\nPomp;1.200,50;Binnen\nKetel;99,00;Weg\n"


@pytest.fixture
def desk(house, sign_in):
    return sign_in(house.bea)


def bring(desk, files, *, source="HubSpot"):
    """Upload, let the worker look, and come to the step after."""
    uploads = [SimpleUploadedFile(name, text.encode()) for name, text in files.items()]
    answer = desk.post("/imports/new/", {"source": source, "uploads": uploads})
    assert answer.status_code == 302, answer.content.decode()
    return after_work(desk, answer.url)


def after_work(desk, address):
    work(until_empty=True)
    return desk.get(address, follow=True)


def where(answer):
    return answer.redirect_chain[-1][0] if answer.redirect_chain else answer.request["PATH_INFO"]


def press(desk, answer, **more):
    """Send the page's form as it stands, with what is changed in it."""
    form = answer.context["form"]
    given = {bound.html_name: bound.value() or "" for bound in form}
    sent = desk.post(where(answer), {**given, **more})
    assert sent.status_code == 302, sent.content.decode()
    return after_work(desk, sent.url)


def test_walk_from_files_to_result_and_back(desk):
    before = everything()
    answer = bring(desk, HUBSPOT)
    assert where(answer).endswith("/files/")
    answer = press(desk, answer, read="1")
    assert where(answer).endswith("/values/")
    answer = press(desk, answer)
    assert where(answer).endswith("/preview/")
    assert "3 aanvragen uit HubSpot, 1 gewonnen, vanaf 2025." in answer.content.decode()
    sent = desk.post(where(answer))
    answer = after_work(desk, sent.url)
    assert (Customer.objects.count(), Deal.objects.count()) == (3, 3)
    assert "Geschreven" in answer.content.decode()
    sent = desk.post(sent.url + "undo/")
    after_work(desk, sent.url)
    assert everything() == before


def test_columns_are_shown_with_what_is_in_them_and_can_be_corrected(desk):
    answer = bring(desk, {"deals.csv": DEALS})
    answer = press(desk, answer, columns="1")
    assert "/columns/" in where(answer)
    assert "Warmtepomp · Koeling · Onderhoud" in answer.content.decode()
    form = answer.context["form"]
    name = next(field.html_name for column, field in form.lines() if column["name"] == "Amount")
    answer = press(desk, answer, **{name: ""})
    answer = press(desk, answer)
    sent = desk.post(where(answer))
    after_work(desk, sent.url)
    assert set(Deal.objects.values_list("revenue_cents", flat=True)) == {None}


def test_two_columns_for_one_field_are_refused_at_the_form(desk):
    answer = press(desk, bring(desk, {"deals.csv": DEALS}), columns="1")
    given = {bound.html_name: bound.value() or "" for bound in answer.context["form"]}
    refused = desk.post(where(answer), {**given, "column0": "name", "column1": "name"})
    assert refused.status_code == 422
    assert "Twee kolommen zijn" in refused.content.decode()


def test_file_that_leaves_its_dates_open_asks_how_they_are_written(desk):
    answer = bring(
        desk, {"lines.csv": LINES.replace("13-03-2026", "01-03-2026").replace("14-", "02-")}, source="ERP"
    )
    answer = press(desk, answer, read="1")
    assert "/columns/" in where(answer)
    answer = press(desk, answer, date_order="dmy")
    assert where(answer).endswith("/preview/")


def test_stage_that_nobody_knows_is_explained_and_known_the_next_time(desk):
    answer = bring(desk, {"odd.csv": ODD}, source="Eigen")
    kind = next(iter(answer.context["form"].fields))
    answer = press(desk, answer, **{kind: "deals"}, columns="1")
    fields = {column["name"]: field.html_name for column, field in answer.context["form"].lines()}
    answer = press(
        desk, answer, **{fields["Naam"]: "name", fields["Waarde"]: "amount", fields["Hoe ver"]: "stage"}
    )
    assert where(answer).endswith("/values/")
    words = {
        word.text: field.html_name for _group, words in answer.context["form"].groups() for word, field in words
    }
    answer = press(desk, answer, **{words["Binnen"]: "won", words["Weg"]: "lost"})
    assert where(answer).endswith("/preview/")
    after_work(desk, desk.post(where(answer)).url)
    assert dict(Deal.objects.values_list("title", "outcome")) == {"Pomp": "won", "Ketel": "lost"}
    answer = bring(desk, {"odd-of-april.csv": ODD + "Boiler;5,00;Weg\n"}, source="Eigen")
    answer = press(desk, press(desk, answer, read="1"))
    planned = ImportRun.objects.first().files.get().planned
    assert (planned["created"], planned["skipped"], SavedMapping.objects.count()) == (1, 2, 1)


def test_owner_is_given_to_a_colleague(desk, house):
    answer = press(desk, bring(desk, {"companies.csv": COMPANIES}), read="1")
    words = {
        word.text: field.html_name for _group, words in answer.context["form"].groups() for word, field in words
    }
    answer = press(desk, answer, **{words["Saskia de Graaf"]: "Otto Visser"})
    after_work(desk, desk.post(where(answer)).url)
    customer = Customer.objects.get(name="Bakker Klimaattechniek")
    assert customer.responsibilities.get().person == house.otto


def test_rejected_rows_come_back_as_a_safe_spreadsheet(desk):
    bad = LINES + '"=HYPERLINK(""http://evil"")";X;F104;31-02-2026;WP-18;1;99,00;80,00;EUR;\n'
    answer = press(desk, bring(desk, {"lines.csv": bad}, source="ERP"), read="1")
    assert "Op regel 7 staat “31-02-2026”" in answer.content.decode()
    run = ImportRun.objects.first()
    sheet = desk.get(f"/imports/{run.pk}/rejected/{run.files.get().pk}/")
    text = b"".join(sheet.streaming_content).decode()
    assert text.startswith("\ufeff")
    assert "\"'=HYPERLINK" in text
    assert (sheet["Content-Disposition"].startswith("attachment"), sheet["X-Content-Type-Options"]) == (
        True,
        "nosniff",
    )


def test_import_that_is_put_away_leaves_nothing(desk, tmp_path):
    answer = bring(desk, HUBSPOT)
    run = ImportRun.objects.get()
    desk.post(f"/imports/{run.pk}/discard/")
    assert desk.get(where(answer)).status_code == 404
    assert list((tmp_path / "imports").glob("*/*")) == []
    assert PurchaseLine.objects.count() == 0


def test_two_who_press_write_at_once_write_once(desk):
    answer = press(desk, press(desk, bring(desk, {"deals.csv": DEALS}), read="1"))
    first, second = desk.post(where(answer)), desk.post(where(answer))
    after_work(desk, first.url)
    assert (second.status_code, Deal.objects.count()) in ((302, 3), (404, 3))


def test_undo_page_names_what_stands_in_the_way(desk, house):
    run = imported({"companies.csv": COMPANIES})
    later = imported({"deals.csv": DEALS})
    page = desk.get(f"/imports/{run.pk}/undo/").content.decode()
    assert f"Import {later.pk}" in page
    assert desk.post(f"/imports/{run.pk}/undo/").url == f"/imports/{run.pk}/undo/"


def test_owner_who_is_a_number_is_shown_by_name(desk):
    people = "Personeelsnummer,Naam,E-mail,Functie\n7,Eva Bos,eva@noorderlicht.example,Accountmanager\n"
    customers = "Klantnummer,Klantnaam,Accountmanager\nK1,Jansen,7\n"
    answer = press(desk, bring(desk, {"people.csv": people, "customers.csv": customers}, source="HR"), read="1")
    assert "7 · Eva Bos" in answer.content.decode()
    after_work(desk, desk.post(where(press(desk, answer))).url)
    assert Customer.objects.get().responsibilities.get().person.name == "Eva Bos"


def test_file_on_which_we_break_is_said_to_be_our_fault_and_the_others_go_on(desk, monkeypatch):
    answers = reading.answer_of_child

    def breaks(asked, request):
        if request.name == "deals.csv":
            raise FileFault("broke", {"name": request.name})
        return answers(asked, request)

    monkeypatch.setattr(reading, "answer_of_child", breaks)
    answer = bring(desk, {"companies.csv": COMPANIES, "deals.csv": DEALS})
    assert "dat ligt aan ons" in answer.content.decode()
    answer = press(desk, answer, read="1")
    answer = press(desk, answer)
    desk.post(where(answer))
    work(until_empty=True)
    assert (Customer.objects.count(), Deal.objects.count()) == (3, 0)


def test_file_on_which_we_broke_once_can_be_read_again(desk, monkeypatch):
    answer = bring(desk, {"deals.csv": DEALS})
    with monkeypatch.context() as broken:
        broken.setattr(reading, "answer_of_child", _breaks)
        answer = press(desk, answer, read="1")
    assert ("/columns/" in where(answer), "dat ligt aan ons" in answer.content.decode()) == (True, True)
    answer = press(desk, answer)
    assert ImportRun.objects.get().run_status == "ready"


def _breaks(asked, request):
    raise FileFault("broke", {"name": request.name})
