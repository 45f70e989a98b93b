"""What an import writes, again, extended and complete."""

import pytest
from tests.factories.imports import COMPANIES, DEALS, HUBSPOT, LINES, counts, imported, ready
from tests.factories.tables import everything, row_counts

from karma.customers.models import ContactMoment, Customer, CustomerSource, Responsibility
from karma.deals.models import Deal, PurchaseLine
from karma.imports.models import RunChange
from karma.people.models import Person

pytestmark = pytest.mark.django_db


def test_export_of_hubspot_becomes_rows(house):
    imported(HUBSPOT)
    deal = Deal.objects.select_related("customer", "owner").get(source_key="901")
    assert (deal.title, deal.customer.name, deal.owner, deal.outcome, deal.revenue_cents) == (
        "Warmtepomp", "De Vries Installaties", house.anna, "won", 1_560_000,
    )  # fmt: skip
    moment = ContactMoment.objects.get(source_key="601")
    assert (moment.person, moment.contact_person.name, moment.kind) == (house.anna, "Ineke de Wit", "call")


def test_owner_who_is_a_colleague_brings_their_team(house):
    imported({"companies.csv": COMPANIES})
    responsible = Responsibility.objects.get(customer__name="De Vries Installaties")
    assert (responsible.person, responsible.team) == (house.anna, house.north)


def test_owner_who_is_not_known_is_made_without_access(house):
    imported({"companies.csv": COMPANIES})
    saskia = Person.objects.get(name="Saskia de Graaf")
    assert (saskia.has_joined, saskia.email, saskia.role, saskia.has_usable_password()) == (
        False, None, "member", False,
    )  # fmt: skip


def test_line_of_another_program_finds_the_customer_by_name_and_the_deal_by_id(house):
    imported(HUBSPOT)
    imported({"lines.csv": LINES}, source="ERP")
    line = PurchaseLine.objects.get(product="PA-41")
    assert (line.customer.name, line.deal.source_key, line.cost_cents) == ("De Vries Installaties", "901", 81_944)
    assert Customer.objects.filter(name="De Vries Installaties").count() == 1
    assert set(CustomerSource.objects.filter(customer=line.customer).values_list("source", "source_key")) == {
        ("HubSpot", "10001"), ("ERP", "K1"),
    }  # fmt: skip


def test_line_without_customer_is_kept_under_no_customer(house):
    imported({"lines.csv": LINES}, source="ERP")
    assert PurchaseLine.objects.get(invoice="F102").customer is None


def test_equal_lines_of_one_invoice_are_both_kept(house):
    imported({"lines.csv": LINES}, source="ERP")
    assert PurchaseLine.objects.filter(invoice="F100", product="WP-18").count() == 2


def test_article_whose_name_is_spelt_anew_is_the_same_line(house):
    named = LINES.replace("Artikelnummer;", "Artikelnummer;Omschrijving;")
    first = named.replace("PA-41;", "PA-41;Pakking;").replace("WP-18;", "WP-18;Pomp;")
    imported({"lines.csv": first}, source="ERP")
    run = imported({"lines.csv": first.replace("Pakking", "Pakking 40 mm")}, source="ERP")
    assert counts(run) == {"lines.csv": (0, 1, 4)}
    assert sorted(PurchaseLine.objects.values_list("product", "product_name"))[0] == ("PA-41", "Pakking 40 mm")


@pytest.mark.parametrize(("files", "source"), [(HUBSPOT, "HubSpot"), ({"lines.csv": LINES}, "ERP")])
def test_same_files_again_create_nothing(house, files, source):
    imported(files, source=source)
    before = everything()
    again = imported(files, source=source)
    assert {(created, updated) for created, updated, _ in counts(again).values()} == {(0, 0)}
    assert everything() == before


def test_extended_export_creates_only_the_new(house):
    imported({"lines.csv": LINES}, source="ERP")
    longer = LINES + "K1;De Vries Installaties;F103;15-03-2026;PA-41;2;131,07;102,43;EUR;\n"
    assert counts(imported({"lines.csv": longer}, source="ERP")) == {"lines.csv": (1, 0, 5)}


def test_changed_row_is_changed_and_others_are_left(house):
    imported({"deals.csv": DEALS})
    won = DEALS.replace("903,Onderhoud,Offerte", "903,Onderhoud,Gewonnen")
    assert counts(imported({"deals.csv": won})) == {"deals.csv": (0, 1, 2)}
    assert Deal.objects.get(source_key="903").outcome == "won"


def test_column_that_is_absent_this_time_does_not_wipe_out_what_was_known(house):
    imported({"companies.csv": COMPANIES})
    without_city = "\n".join(",".join(row.split(",")[:2]) for row in COMPANIES.splitlines())
    imported({"companies.csv": without_city})
    assert Customer.objects.get(name="De Vries Installaties").city == "Lindehorst"


def test_rows_absent_from_a_later_export_stay(house):
    imported({"lines.csv": LINES}, source="ERP")
    imported({"lines.csv": "\n".join(LINES.splitlines()[:2])}, source="ERP")
    assert PurchaseLine.objects.count() == 5


def test_complete_export_takes_away_what_it_does_not_hold(house):
    imported({"lines.csv": LINES}, source="ERP")
    imported({"other.csv": LINES}, source="Another")
    run = ready({"lines.csv": "\n".join(LINES.splitlines()[:2])}, source="ERP", is_complete=True)
    assert run.files.get().planned["removed"] == 4
    imported({"lines.csv": "\n".join(LINES.splitlines()[:2])}, source="ERP", is_complete=True)
    assert (PurchaseLine.objects.filter(source="ERP").count(), PurchaseLine.objects.count()) == (1, 6)


def test_owner_who_changes_moves_the_customer_from_that_day(house):
    imported({"companies.csv": COMPANIES})
    imported({"companies.csv": COMPANIES.replace("Saskia de Graaf", "Otto Visser")})
    rows = Responsibility.objects.filter(customer__name="Bakker Klimaattechniek").order_by("from_on")
    assert [(row.person.name, str(row.from_on), str(row.until_on)) for row in rows] == [
        ("Saskia de Graaf", "1900-01-01", "2026-03-09"), ("Otto Visser", "2026-03-09", "None"),
    ]  # fmt: skip


def test_what_a_person_changed_survives_the_same_export(house):
    imported({"companies.csv": COMPANIES})
    Customer.objects.filter(name="Jansen Zuivel").update(city="Utrecht", last_run=None)
    imported({"companies.csv": COMPANIES})
    assert Customer.objects.get(name="Jansen Zuivel").city == "Utrecht"


@pytest.mark.parametrize(("files", "source"), [(HUBSPOT, "HubSpot"), ({"lines.csv": LINES}, "ERP")])
def test_rehearsal_says_what_publishing_then_does_and_writes_nothing(house, files, source):
    imported(HUBSPOT)
    before = row_counts()
    changed = {name: text.replace("Gewonnen", "Verloren") + text.splitlines()[-1].replace("6", "7") + "\n"
               for name, text in files.items()}  # fmt: skip
    planned = {file.name: file.planned for file in ready(changed, source=source).files.all()}
    assert row_counts() == before
    done = imported(changed, source=source)
    assert {name: (each["created"], each["updated"], each["skipped"]) for name, each in planned.items()} == counts(
        done
    )


def test_every_kept_row_is_counted_once(house):
    for file in imported(HUBSPOT).files.all():
        assert file.rows == file.created + file.updated + file.skipped + file.rejected


def test_run_that_changes_nothing_keeps_no_changes(house):
    imported(HUBSPOT)
    again = imported(HUBSPOT)
    assert list(RunChange.objects.filter(run=again)) == []
