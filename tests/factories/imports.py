"""Files as a CRM and an ERP export them, small, and runs made of them."""

from tests.factories.people import NOW

from karma.imports import operations, publishing
from karma.imports.enums import RunStatus
from karma.imports.models import ImportFile, ImportRun
from karma.imports.operations import Source, Upload
from karma.people.models import Person

COMPANIES = """Record ID,Company name,City,Industry,Company owner,Create Date
10001,De Vries Installaties,Lindehorst,Installateurs,Anna de Boer,2012-06-09 09:00
10002,Bakker Klimaattechniek,Torenhorst,Installateurs,Saskia de Graaf,2020-07-25 09:00
10003,Jansen Zuivel,Vlashoek,Industrie,,2021-01-02 09:00
"""
CONTACTS = """Record ID,First Name,Last Name,Email,Phone Number,Job Title,Associated Company IDs
5001,Ineke,de Wit,ineke@vries.example,06-05000001,Directeur,10001
5002,Sander,Willems,sander@bakker.example,06-05000002,Inkoper,10002
"""
DEALS = """Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Currency,Create Date,Associated Company IDs
901,Warmtepomp,Gewonnen,2025-09-08 17:00,Anna de Boer,15600.00,EUR,2025-07-12 09:00,10001
902,Koeling,Verloren,2025-10-02 17:00,Saskia de Graaf,18790.00,EUR,2025-07-17 09:00,10002
903,Onderhoud,Offerte,2026-05-02 17:00,Anna de Boer,2100.50,EUR,2026-01-17 09:00,10001
"""
HISTORY = """Record ID,Deal Stage,Date entered,Amount,Deal probability,Close Date
901,Kennismaking,2025-07-12 11:00,17280.00,0.25,2025-09-14 17:00
901,Gewonnen,2025-09-08 11:00,15600.00,1.00,2025-09-08 17:00
"""
ACTIVITIES = """Record ID,Activity type,Title,Body,Activity date,Activity assigned to,Associated Contact IDs,Associated Company IDs
601,Call,Storing nagebeld,Is verholpen.,2026-01-04 10:10,Anna de Boer,5001,10001
602,Meeting,Kennisgemaakt,,2026-01-05 10:10,Saskia de Graaf,5002,10002
"""  # noqa: E501 (a header as it comes)
LINES = """Klantnummer;Klantnaam;Factuurnummer;Factuurdatum;Artikelnummer;Aantal;Netto bedrag;Kostprijs;Valuta;Deal-ID
K1;De Vries Installaties;F100;13-03-2026;PA-41;16;1.048,58;819,44;EUR;901
K1;De Vries Installaties;F100;13-03-2026;WP-18;1;518,81;434,21;EUR;
K1;De Vries Installaties;F100;13-03-2026;WP-18;1;518,81;434,21;EUR;
K9;Nieuwe Klant;F101;14-03-2026;WP-18;1;99,00;80,00;EUR;
;;F102;14-03-2026;WP-18;1;9,00;8,00;EUR;
"""  # noqa: E501 (a header as it comes)
HUBSPOT = {
    "companies.csv": COMPANIES,
    "contacts.csv": CONTACTS,
    "deals.csv": DEALS,
    "deal-stage-history.csv": HISTORY,
    "activities.csv": ACTIVITIES,
}


def begun(files: dict[str, str], *, source: str, by: Person | None = None, is_complete: bool = False) -> ImportRun:
    """A run whose files are kept and looked at."""
    uploads = [Upload(name, [text.encode()]) for name, text in files.items()]
    run = operations.begin(Source(source, is_complete, "EUR"), uploads, by=by, at=NOW)
    operations.look(run)
    return run


def ready(files: dict[str, str], *, source: str = "HubSpot", is_complete: bool = False) -> ImportRun:
    """A run that is read and rehearsed."""
    run = begun(files, source=source, is_complete=is_complete)
    operations.read(run)
    assert run.run_status == RunStatus.READY, [file.fault for file in run.files.all()]
    return run


def imported(files: dict[str, str], *, source: str = "HubSpot", is_complete: bool = False) -> ImportRun:
    """A run that is written, without a queue around it."""
    run = ready(files, source=source, is_complete=is_complete)
    start_publishing(run)
    publishing.publish(run)
    return run


def start_publishing(run: ImportRun) -> None:
    run.run_status = RunStatus.PUBLISHING
    run.save(update_fields=["run_status"])


def counts(run: ImportRun) -> dict[str, tuple[int, int, int]]:
    """Created, updated and skipped by file."""
    return {file.name: (file.created, file.updated, file.skipped) for file in run.files.all()}


def runs_for_the_table() -> dict[str, object]:
    """A run in each state that an address needs, with a file, by URL name and parameter."""
    runs = {status: _bare_run(status) for status in (RunStatus.MAPPING, RunStatus.READY, RunStatus.DONE)}
    file = runs[RunStatus.MAPPING].files.get()
    return {
        "run_id": runs[RunStatus.MAPPING].pk,
        "file_id": file.pk,
        "imports-preview.run_id": runs[RunStatus.READY].pk,
        "imports-undo.run_id": runs[RunStatus.DONE].pk,
        "imports-run.run_id": runs[RunStatus.DONE].pk,
    }


def _bare_run(status: str) -> ImportRun:
    run = ImportRun.objects.create(source="kanarienoord", run_status=status, created_at=NOW)
    ImportFile.objects.create(
        run=run, position=0, name="kanarienoord.csv", stored="0" * 32, size=1, sha256="0" * 64, kind="customers",
        columns=[{"name": "Naam", "samples": ["kanarienoord"]}], mapping={"columns": {"name": "Naam"}},
    )  # fmt: skip
    return run
