"""What the operator of an installation may set, read from the environment and checked before anything starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from karma_core.errors import KarmaError

MODES = ("production", "development", "test")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHORTEST_KEY = 50


class ConfigurationError(KarmaError):
    """A setting has a value with which this installation would be unsafe or could not run."""


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, what it means, and what holds when it is not given."""

    name: str
    meaning: str
    default: str = ""


SETTINGS = (
    Setting("KARMA_HOME", "the folder with the database, the secret key and uploads", "~/.local/share/karma"),
    Setting("KARMA_MODE", "production, development or test", "production"),
    Setting("KARMA_URL", "the address at which people open the product", "http://127.0.0.1:8000"),
    Setting("KARMA_SECRET_KEY", "the key that signs sessions and links", "the file secret_key in KARMA_HOME"),
    Setting("KARMA_SECRET_KEY_FALLBACKS", "earlier keys that stay valid for a while, with commas between", ""),
    Setting("DATABASE_URL", "postgresql://user:password@host:5432/name", "SQLite in KARMA_HOME"),
    Setting("KARMA_TRUSTED_PROXIES", "how many proxies stand in front and add X-Forwarded-For", "0"),
    Setting("KARMA_MAIL_URL", "smtp://user:password@host:587, or smtps:// for port 465", "no mail is sent"),
    Setting("KARMA_MAIL_FROM", "the sender of mail", "karma@ the host of KARMA_URL"),
    Setting("KARMA_WEB_PROCESSES", "how many web processes karma serve starts", "2"),
    Setting("KARMA_DEMO", "1 shows the invented company, with sign-ins that everyone may use", "0"),
)


@dataclass(frozen=True)
class Configuration:
    """An installation's settings, checked."""

    home: Path
    mode: str
    url: SplitResult
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    database: Mapping[str, object]
    trusted_proxies: int
    mail: Mapping[str, object]
    mail_from: str
    web_processes: int
    is_demo: bool

    @property
    def is_secure(self) -> bool:
        return self.url.scheme == "https"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names under which the product answers; a loopback address answers to each of its names."""
        host = self.url.hostname or ""
        return ("127.0.0.1", "localhost", "[::1]") if host in LOOPBACK else (host,)


def read_configuration(environ: Mapping[str, str]) -> Configuration:
    """Read and check all settings; raises ConfigurationError that names the setting and what was expected."""
    home = Path(environ.get("KARMA_HOME") or "~/.local/share/karma").expanduser()
    mode = _choice(environ, "KARMA_MODE", MODES)
    url = _address(environ.get("KARMA_URL") or "http://127.0.0.1:8000", mode=mode)
    return Configuration(
        home=home,
        mode=mode,
        url=url,
        secret_key=_secret_key(environ, home=home, mode=mode),
        secret_key_fallbacks=tuple(filter(None, environ.get("KARMA_SECRET_KEY_FALLBACKS", "").split(","))),
        database=_database(environ.get("DATABASE_URL", ""), home=home),
        trusted_proxies=_count(environ, "KARMA_TRUSTED_PROXIES", default=0),
        mail=_mail(environ.get("KARMA_MAIL_URL", ""), mode=mode),
        mail_from=environ.get("KARMA_MAIL_FROM") or f"karma@{url.hostname}",
        web_processes=_count(environ, "KARMA_WEB_PROCESSES", default=2) or 1,
        is_demo=_is_demo(environ, url=url),
    )


def _choice(environ: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = environ.get(name) or allowed[0]
    if value not in allowed:
        choices = ", ".join(allowed)
        raise ConfigurationError(
            f'{name} is "{value}"; it must be one of {choices}.',
            nl=f'{name} is "{value}"; het moet een van deze zijn: {choices}.',
        )
    return value


def _count(environ: Mapping[str, str], name: str, *, default: int) -> int:
    value = environ.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or int(value) > 64:
        raise ConfigurationError(
            f'{name} is "{value}"; it must be a whole number from 0 to 64.',
            nl=f'{name} is "{value}"; het moet een heel getal van 0 tot en met 64 zijn.',
        )
    return int(value)


def _is_demo(environ: Mapping[str, str], *, url: SplitResult) -> bool:
    """Whether the sign-in page offers the invented people; only where nobody else can reach it."""
    asked = _count(environ, "KARMA_DEMO", default=0) > 0
    if asked and url.hostname not in LOOPBACK:
        raise ConfigurationError(
            f'KARMA_DEMO is on and KARMA_URL is "{url.geturl()}". The demo has sign-ins that everyone may use: '
            "show it on this machine itself, as http://127.0.0.1:8000.",
            nl=f'KARMA_DEMO staat aan en KARMA_URL is "{url.geturl()}". Met de demo kan iedereen inloggen: '
            "toon hem op deze machine zelf, als http://127.0.0.1:8000.",
        )
    return asked


def _address(value: str, *, mode: str) -> SplitResult:
    url = urlsplit(value)
    if url.scheme not in ("http", "https") or not url.hostname or url.path.strip("/"):
        raise ConfigurationError(
            f'KARMA_URL is "{value}"; it must look like https://karma.example.nl.',
            nl=f'KARMA_URL is "{value}"; het moet lijken op https://karma.example.nl.',
        )
    if mode == "production" and url.scheme == "http" and url.hostname not in LOOPBACK:
        raise ConfigurationError(
            f'KARMA_URL is "{value}". Passwords would travel in the open: use https, or this machine itself.',
            nl=f'KARMA_URL is "{value}". Wachtwoorden gaan zo open over de lijn: neem https of deze machine.',
        )
    return url


def _secret_key(environ: Mapping[str, str], *, home: Path, mode: str) -> str:
    file = home / "secret_key"
    key = environ.get("KARMA_SECRET_KEY") or (file.read_text().strip() if file.is_file() else "")
    if mode != "production":
        return key or "only-for-development-and-tests-" * 2
    if not key:
        raise ConfigurationError(
            f'There is no secret key. Run "karma init"; it makes {file}.',
            nl=f'Er is geen geheime sleutel. Typ "karma init"; dat maakt {file}.',
        )
    if (
        len(key) < SHORTEST_KEY
        or len(set(key)) < 10
        or key.startswith(("django-insecure", "only-for-development"))
    ):
        raise ConfigurationError(
            f'The secret key is too easy to guess. Remove it and run "karma init", or give {SHORTEST_KEY} '
            "random characters in KARMA_SECRET_KEY.",
            nl='De geheime sleutel is te makkelijk te raden. Haal hem weg en typ "karma init", of geef '
            f"{SHORTEST_KEY} willekeurige tekens in KARMA_SECRET_KEY.",
        )
    return key


def _database(value: str, *, home: Path) -> Mapping[str, object]:
    if not value:
        return _sqlite(home / "karma.sqlite3")
    url = urlsplit(value)
    if url.scheme not in ("postgresql", "postgres") or not url.path.strip("/"):
        raise ConfigurationError(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name.",
            nl="DATABASE_URL moet lijken op postgresql://user:password@host:5432/name.",
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.strip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname or "",
        "PORT": url.port or 5432,
        "CONN_MAX_AGE": 0,  # karma.web has more threads than PostgreSQL has room for connections
    }


def _sqlite(file: Path) -> Mapping[str, object]:
    """SQLite that keeps every acknowledged write and lets writers queue instead of failing."""
    return {
        "ENGINE": "karma.sqlite",
        "NAME": file,
        "TEST": {"NAME": ":memory:"},  # pytest-django knows that of Django's own SQLite only
        "OPTIONS": {
            "timeout": 5,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                "PRAGMA journal_size_limit=27103364; PRAGMA cache_size=-20000; PRAGMA temp_store=MEMORY;"
            ),
        },
    }


def _mail(value: str, *, mode: str) -> Mapping[str, object]:
    if mode == "test":
        return {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}
    if not value:
        backend = "console" if mode == "development" else "dummy"
        return {"EMAIL_BACKEND": f"django.core.mail.backends.{backend}.EmailBackend"}
    url = urlsplit(value)
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise ConfigurationError(
            "KARMA_MAIL_URL must look like smtp://user:password@host:587.",
            nl="KARMA_MAIL_URL moet lijken op smtp://user:password@host:587.",
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or (465 if url.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_USE_TLS": url.scheme == "smtp" and url.hostname not in LOOPBACK,
        "EMAIL_TIMEOUT": 10,
    }
