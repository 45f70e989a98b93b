"""The screens of an import, in the order in which one walks them."""

import csv
from collections.abc import Iterator

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from karma.common.access import who_may
from karma.common.clock import now
from karma.common.downloads import Whole, downloaded
from karma.common.views import PAGE
from karma.exports import harmless
from karma.imports import operations, queries
from karma.imports.enums import RunStatus
from karma.imports.forms import ColumnsForm, KindsForm, SourceForm, WordsForm
from karma.imports.models import ImportRun
from karma.imports.operations import Source, Upload
from karma.imports.phrases import obstacle_words, status_words
from karma.imports.undoing import obstacles
from karma.people.operations import Refused
from karma.people.queries import current_organisation
from karma.people.viewer import viewer

_MAY = "imports.run"


@who_may(_MAY)
@require_GET
def run_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.runs_listed(viewer(request)), PAGE).get_page(request.GET.get("page"))
    return render(request, "imports/list.html", {"page": page})


@who_may(_MAY)
@require_http_methods(["GET", "POST"])
def run_new(request: HttpRequest) -> HttpResponse:
    form = SourceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        organisation = current_organisation()
        source = Source(
            form.cleaned_data["source"],
            form.cleaned_data["is_complete"],
            organisation.currency if organisation else "",
        )
        uploads = [Upload(each.name or "file", each.chunks()) for each in form.cleaned_data["uploads"]]
        run = operations.begin(source, uploads, by=viewer(request), at=now())
        operations.ask_looking(run, by=viewer(request))
        return redirect("imports-run", run.pk)
    context = {"form": form, "sources": queries.sources_known(), "step": 1}
    return render(request, "imports/new.html", context, status=422 if form.errors else 200)


@who_may(_MAY)
@require_GET
def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """Progress while a job runs, the next step when a person is needed, the result at the end."""
    run = _run(request, run_id)
    if run.run_status in (RunStatus.MAPPING, RunStatus.READY):
        return _to(request, _next_step(run))
    if run.is_busy:
        page = "imports/progress.html#progress" if request.htmx else "imports/progress.html"  # type: ignore[attr-defined]
        return render(request, page, {"run": run, "job": run.job, "said": status_words(run.run_status)})
    if request.htmx:  # type: ignore[attr-defined]
        return _to(request, reverse("imports-run", args=[run.pk]))
    return render(request, "imports/result.html", {"run": run, "lines": queries.lines_of(run)})


def _to(request: HttpRequest, address: str) -> HttpResponse:
    """Go on: with htmx the whole page, not only the part that asked."""
    is_part = bool(request.htmx)  # type: ignore[attr-defined]
    return HttpResponseClientRedirect(address) if is_part else redirect(address)


def _next_step(run: ImportRun) -> str:
    if run.run_status == RunStatus.READY:
        has_words = not run.settings.get("words_seen") and bool(queries.words_of(run))
        return reverse("imports-values" if has_words else "imports-preview", args=[run.pk])
    faulty = next((file for file in run.files.exclude(kind="") if file.fault), None)
    if faulty is None:
        return reverse("imports-files", args=[run.pk])
    if faulty.fault["code"] == "unknown_values":
        return reverse("imports-values", args=[run.pk])
    return reverse("imports-columns", args=[run.pk, faulty.pk])


@who_may(_MAY)
@require_http_methods(["GET", "POST"])
def run_files(request: HttpRequest, run_id: int) -> HttpResponse:
    run = _open_run(request, run_id)
    files = list(run.files.all())
    form = KindsForm(request.POST or None, files=files)
    if request.method == "POST" and form.is_valid():
        for file in files:
            operations.choose_kind(file, form.kind_of(file) if file.columns else "")
        first = run.files.exclude(kind="").first()
        if "columns" in request.POST and first:
            return redirect("imports-columns", run.pk, first.pk)
        return _read(request, run)
    lines = [(queries.line_of(file), form[f"kind{file.pk}"]) for file in files]
    return render(request, "imports/files.html", {"run": run, "form": form, "lines": lines, "step": 2})


@who_may(_MAY)
@require_http_methods(["GET", "POST"])
def file_columns(request: HttpRequest, run_id: int, file_id: int) -> HttpResponse:
    run = _open_run(request, run_id)
    files = list(run.files.exclude(kind=""))
    file = get_object_or_404(run.files.exclude(kind=""), pk=file_id)
    form = ColumnsForm(request.POST or None, file=file)
    place = files.index(file)
    if request.method == "POST" and form.is_valid():
        operations.map_columns(file, form.columns(), settings=form.settings())
        if place + 1 < len(files) and "read" not in request.POST:
            return redirect("imports-columns", run.pk, files[place + 1].pk)
        return _read(request, run)
    context = {
        "run": run, "form": form, "line": queries.line_of(file), "number": place + 1, "of": len(files),
        "is_last": place + 1 == len(files), "step": 3,
    }  # fmt: skip
    return render(request, "imports/columns.html", context, status=422 if form.errors else 200)


@who_may(_MAY)
@require_http_methods(["GET", "POST"])
def run_values(request: HttpRequest, run_id: int) -> HttpResponse:
    run = _open_run(request, run_id)
    words = queries.words_of(run)
    form = WordsForm(request.POST or None, words=words)
    if request.method == "POST" and (not words or form.is_valid()):
        return _values_said(request, run, form)
    if not words and run.run_status == RunStatus.READY:
        return redirect("imports-preview", run.pk)
    faults = [line.fault for line in queries.lines_of(run) if line.fault]
    return render(request, "imports/values.html", {"run": run, "form": form, "faults": faults, "step": 4})


def _values_said(request: HttpRequest, run: ImportRun, form: WordsForm) -> HttpResponse:
    """Keep what was said; read again only where it changes anything."""
    said = form.meanings() if form.is_bound and form.has_changed() else {}
    for file in run.files.filter(pk__in=said):
        operations.map_values(file, said[file.pk])
    operations.note_words_seen(run)
    if said or run.run_status != RunStatus.READY:
        return _read(request, run)
    return redirect("imports-preview", run.pk)


@who_may(_MAY)
@require_http_methods(["GET", "POST"])
def run_preview(request: HttpRequest, run_id: int) -> HttpResponse:
    run = _open_run(request, run_id)
    if run.run_status != RunStatus.READY:
        return redirect(_next_step(run))
    if request.method == "POST":
        try:
            operations.ask_publishing(run, by=viewer(request))
        except Refused as refused:
            messages.warning(request, str(refused))
        return redirect("imports-run", run.pk)
    context = {"run": run, "lines": queries.lines_of(run), "step": 5, "has_words": bool(queries.words_of(run))}
    return render(request, "imports/preview.html", context)


@who_may(_MAY)
@require_GET
def file_rejected(request: HttpRequest, run_id: int, file_id: int) -> HttpResponseBase:
    """The rows that were set aside, as a spreadsheet opens them: no cell can run as a formula."""
    file = get_object_or_404(_run(request, run_id).files.all(), pk=file_id)

    def make(whole: Whole) -> HttpResponseBase:
        rows = whole.of(_as_csv(queries.rejected_rows(file)))
        response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="karma-import-{run_id}-{file.position + 1}.csv"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response

    return downloaded(request, make, by=viewer(request))


class _Line:
    """Gives back each line that a csv writer makes."""

    def write(self, text: str) -> str:
        return text


def _as_csv(rows: Iterator[list[str]]) -> Iterator[str]:
    """With the separator and the mark by which Excel in the reader's language knows the file."""
    separator = ";" if (translation.get_language() or "nl").startswith("nl") else ","
    writer = csv.writer(_Line(), delimiter=separator, quoting=csv.QUOTE_ALL)
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([cell if _is_number(cell) else harmless(cell) for cell in row])


def _is_number(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "").replace(",", "").isdigit() and cell.isascii()


@who_may(_MAY)
@require_http_methods(["GET", "POST"])
def run_undo(request: HttpRequest, run_id: int) -> HttpResponse:
    run = get_object_or_404(_runs(request), pk=run_id, run_status=RunStatus.DONE)
    if request.method == "POST":
        try:
            operations.ask_undoing(run, by=viewer(request))
        except Refused as refused:
            messages.warning(request, str(refused))
            return redirect("imports-undo", run.pk)
        return redirect("imports-run", run.pk)
    found = [obstacle_words(each) for each in obstacles(run)]
    return render(request, "imports/undo.html", {"run": run, "obstacles": found, "lines": queries.lines_of(run)})


@who_may(_MAY)
@require_POST
def run_discard(request: HttpRequest, run_id: int) -> HttpResponse:
    run = _run(request, run_id)
    try:
        operations.discard(run, by=viewer(request), at=now())
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("imports-run", run.pk)
    messages.info(request, _("The import was put away. Nothing was written."))
    return redirect("imports")


@who_may(_MAY)
@require_POST
def run_again(request: HttpRequest, run_id: int) -> HttpResponse:
    run = _run(request, run_id)
    if run.is_busy and (run.job is None or run.job.has_ended):
        operations.ask_again(run, by=viewer(request))
    return redirect("imports-run", run.pk)


def _runs(request: HttpRequest) -> QuerySet[ImportRun]:
    return ImportRun.objects.visible_to(viewer(request)).select_related("job", "asked_by", "undone_by")


def _run(request: HttpRequest, run_id: int) -> ImportRun:
    found: ImportRun = get_object_or_404(_runs(request).exclude(run_status=RunStatus.DISCARDED), pk=run_id)
    return found


def _open_run(request: HttpRequest, run_id: int) -> ImportRun:
    """A run that waits for a person; any other is a 404, as its steps are over."""
    waiting = (RunStatus.MAPPING, RunStatus.READY)
    found: ImportRun = get_object_or_404(_runs(request).filter(run_status__in=waiting), pk=run_id)
    return found


def _read(request: HttpRequest, run: ImportRun) -> HttpResponse:
    try:
        operations.ask_reading(run, by=viewer(request))
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("imports-files", run.pk)
    return redirect("imports-run", run.pk)
