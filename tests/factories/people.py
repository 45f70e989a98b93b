"""Anna and Marijke of one team, Otto of another, Joost the director, and Bea who runs the installation."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from allauth.account.models import EmailAddress

from karma.people import operations
from karma.people.enums import Function, Role
from karma.people.models import Organisation, Person, Team
from karma.people.operations import Company

NOW = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 9)
PASSWORD = "een lange zin om te onthouden"


@dataclass(frozen=True)
class House:
    """Everyone, and their teams."""

    organisation: Organisation
    north: Team
    south: Team
    anna: Person
    marijke: Person
    otto: Person
    joost: Person
    bea: Person


def make_person(name: str, *, function: str = Function.ACCOUNT_MANAGER, role: str = Role.MEMBER) -> Person:
    email = f"{name.split()[0].lower()}@noorderlicht.example"
    person = Person(email=email, name=name, function=function, role=role, joined_at=NOW)
    person.set_password(PASSWORD)
    person.save()
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def make_house() -> House:
    """Build the house; teams exist since the first of January 2024."""
    bea = make_person("Bea Bakker", function=Function.ADMINISTRATION, role=Role.ADMINISTRATOR)
    joost = make_person("Joost Mulder", function=Function.DIRECTOR, role=Role.OVERVIEW)
    marijke = make_person("Marijke Smit", function=Function.MANAGER)
    anna, otto = make_person("Anna de Boer"), make_person("Otto Visser")
    company = Company("Noorderlicht Techniek", "Europe/Amsterdam", 1, "EUR", "nl")
    organisation = operations.describe_company(company, by=bea, at=NOW)
    north, south = (operations.found_team(name, by=bea, at=NOW) for name in ("Noord", "Zuid"))
    start = date(2024, 1, 1)
    operations.join_team(marijke, team=north, is_lead=True, on=start, by=bea, at=NOW)
    operations.join_team(anna, team=north, is_lead=False, on=start, by=bea, at=NOW)
    operations.join_team(otto, team=south, is_lead=False, on=start, by=bea, at=NOW)
    return House(organisation, north, south, anna, marijke, otto, joost, bea)
