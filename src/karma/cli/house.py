"""karma init, serve, worker and doctor: the commands that run an installation.

Django is set up inside each command, since the commands that only read files do without it.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from karma.cli.language import _, language
from karma.cli.options import Json
from karma.cli.output import answer, print_json
from karma.configuration import Configuration, read_configuration
from karma.serving import Child, Supervisor, refuse_taken, web_command, worker_command
from karma_core.errors import KarmaError

Email = Annotated[
    str, typer.Option("--email", help=_("E-mail address of the first administrator."), metavar="ADDRESS")
]
Name = Annotated[str, typer.Option("--name", help=_("Name of the first administrator."), metavar="NAME")]
Bind = Annotated[
    str,
    typer.Option(
        "--bind", help=_("Address and port to listen on; else those of KARMA_URL."), metavar="ADDRESS:PORT"
    ),
]
UntilEmpty = Annotated[bool, typer.Option("--until-empty", help=_("Stop when nothing waits any more."))]


class HouseError(KarmaError):
    """An installation that cannot be run as it is."""


def init(email: Email = "", name: Name = "") -> None:
    """Make or update the folder, the secret key and the tables, and invite the first administrator."""
    home = make()
    answer.print(_("Ready in {home}.").format(home=home), markup=False)
    link = _invite_first(email=email, name=name)
    if link:
        answer.print(_("Open this link to choose a password. It works once, for 14 days:"), markup=False)
        answer.print(link, markup=False)


def make() -> Path:
    """Make or update the folder, the secret key and the tables that the environment names; the folder."""
    home = _make_home()
    _set_up()
    _migrate()
    return home


def serve(bind: Bind = "") -> None:
    """Run the web server and one worker until stopped."""
    configuration = _set_up()
    _refuse_missing_tables()
    address = bind or f"{configuration.url.hostname}:{configuration.url.port or 8000}"
    refuse_taken_address(address)
    _collect_static()
    answer.print(_("Karma Sales listens on http://{address}.").format(address=address), markup=False)
    children = [
        Child("web", web_command(bind=address, processes=configuration.web_processes)),
        Child("worker", worker_command()),
    ]
    Supervisor(children, environ=os.environ).run()


def worker(until_empty: UntilEmpty = False) -> None:
    """Do the jobs that wait, and keep doing so."""
    _set_up()
    _refuse_missing_tables()
    from karma.working import work  # noqa: PLC0415 (needs Django)

    work(until_empty=until_empty)


def doctor(as_json: Json = False) -> int:
    """Say what is well with this installation and what is not; status 1 if something is not."""
    _set_up()
    from karma.wellbeing import look  # noqa: PLC0415 (needs Django)

    findings = look()
    if as_json:
        print_json({"findings": [vars(finding) for finding in findings]})
    else:
        for finding in findings:
            word = _("well") if finding.is_well else _("not well")
            answer.print(f"{_called(finding.what)}: {word}. {finding.advice}".rstrip(), markup=False)
    return 0 if all(finding.is_well or finding.what in ("mail", "second step") for finding in findings) else 1


def _called(what: str) -> str:
    """What was looked at, in words; --json keeps one name for it."""
    words = {
        "disk": _("disk"), "secret key": _("secret key"), "mail": _("mail"), "settings": _("settings"),
        "database": _("database"), "tables": _("tables"), "database file": _("database file"),
        "worker": _("worker"), "administrator": _("administrator"), "second step": _("second step"),
    }  # fmt: skip
    return words.get(what, what)


def _make_home() -> Path:
    home = Path(os.environ.get("KARMA_HOME") or "~/.local/share/karma").expanduser()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = home / "secret_key"
        if not key.exists() and not os.environ.get("KARMA_SECRET_KEY"):
            with open(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(64) + "\n")
    except OSError as fault:
        raise HouseError(
            _("{home} cannot be made or written to: {fault}").format(home=home, fault=fault)
        ) from None
    return home


def _set_up() -> Configuration:
    """Read the settings and start Django with them; a setting that is not safe is a refusal."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karma.settings")
    configuration = read_configuration(os.environ)
    import django  # noqa: PLC0415 (the commands that only read files do without it)

    django.setup()
    from django.utils import translation  # noqa: PLC0415

    translation.activate(language())
    return configuration


@contextmanager
def _asking_the_database() -> Iterator[None]:
    """Refuse in one sentence where the database does not answer."""
    from django.db import DatabaseError  # noqa: PLC0415

    try:
        yield
    except DatabaseError as fault:
        raise HouseError(_("The database does not answer: {fault}").format(fault=fault)) from None


def _migrate() -> None:
    from django.core.management import call_command  # noqa: PLC0415

    with _asking_the_database():
        _refuse_newer_tables()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)


def _refuse_missing_tables() -> None:
    from karma.common.queries import missing_migrations  # noqa: PLC0415

    with _asking_the_database():
        _refuse_newer_tables()
        if missing_migrations():
            raise HouseError(_('The tables are not those of this version. Run "karma init" first.'))


def _refuse_newer_tables() -> None:
    from karma.common.queries import migrations_of_a_newer_version  # noqa: PLC0415

    if migrations_of_a_newer_version():
        raise HouseError(
            _("The tables are of a newer version. Install that version, or put back a backup of before it.")
        )


def refuse_taken_address(address: str) -> None:
    try:
        refuse_taken(address)
    except OSError as fault:
        raise HouseError(
            _("Nothing can listen on {address}: {fault}. Give another one with --bind.").format(
                address=address, fault=fault.strerror or fault
            )
        ) from None


def _collect_static() -> None:
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    if settings.CONFIGURATION.mode == "production":
        call_command("collectstatic", interactive=False, verbosity=0)


def _invite_first(*, email: str, name: str) -> str | None:
    """The link for the first administrator; None where there is one already and nobody was named.

    An administrator who was invited and has not joined gets a new link. Raises HouseError where nobody says whom
    to invite.
    """
    from karma.common.clock import now  # noqa: PLC0415
    from karma.people.enums import Function, Role  # noqa: PLC0415
    from karma.people.invitations import Newcomer, invite, link_of  # noqa: PLC0415
    from karma.people.models import Person  # noqa: PLC0415
    from karma.people.operations import Refused  # noqa: PLC0415

    administrators = Person.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
    if not email and administrators.filter(joined_at__isnull=False).exists():
        return None
    waiting = administrators.order_by("pk").first()
    email = email or (waiting.email if waiting else "") or _ask_address()
    name = name or (waiting.name if waiting and waiting.email == email else email.partition("@")[0])
    newcomer = Newcomer(email, name, Function.ADMINISTRATION, Role.ADMINISTRATOR)
    try:
        _person, token = invite(newcomer, by=None, at=now())
    except Refused as refused:
        raise HouseError(str(refused)) from None
    return link_of(token)


def _ask_address() -> str:
    try:
        return str(typer.prompt(_("Your e-mail address")))
    except typer.Abort:
        raise HouseError(
            _("There is no administrator yet, so nobody can sign in. Type karma init --email ADDRESS.")
        ) from None
