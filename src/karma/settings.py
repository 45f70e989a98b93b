"""Django's settings, from what the operator set (karma.configuration) and what this product never varies."""

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from karma.configuration import read_configuration

CONFIGURATION = read_configuration(os.environ)
HERE = Path(__file__).parent

# --- the installation
DEBUG = CONFIGURATION.mode == "development"
SECRET_KEY = CONFIGURATION.secret_key
SECRET_KEY_FALLBACKS = list(CONFIGURATION.secret_key_fallbacks)
ALLOWED_HOSTS = list(CONFIGURATION.hosts)
CSRF_TRUSTED_ORIGINS = [CONFIGURATION.url.geturl().rstrip("/")]
BASE_URL = CONFIGURATION.url.geturl().rstrip("/")
DATABASES = {"default": dict(CONFIGURATION.database)}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
IS_DEMO = CONFIGURATION.is_demo
MAIL_IS_SENT = not str(CONFIGURATION.mail["EMAIL_BACKEND"]).endswith("dummy.EmailBackend")
vars().update(CONFIGURATION.mail)
DEFAULT_FROM_EMAIL = CONFIGURATION.mail_from

# --- the product
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "django_tasks",
    "django_tasks_db",
    "karma.common",
    "karma.people",
    "karma.customers",
    "karma.deals",
    "karma.imports",
    "karma.facts",
    "karma.readings",
    "karma.plans",
    "karma.team",
    "karma.today",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "karma.common.middleware.private_pages",
    "karma.common.places.Places",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "karma.common.middleware.end_idle_sessions",
    "karma.common.middleware.note_refusals",
    "karma.people.middleware.speak_and_date_for_person",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "karma.common.middleware.SayBusy",
    "karma.common.middleware.WhoMayMiddleware",
]
ROOT_URLCONF = "karma.urls"
WSGI_APPLICATION = "karma.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "karma_cache"},
    "memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},  # of one process, for suggestions only
}

# Both cotton and template_partials rewrite the loaders when they load themselves; set by hand they live together.
_LOADERS = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
_CACHED = _LOADERS if DEBUG else [("django.template.loaders.cached.Loader", _LOADERS)]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "karma.common.context.shell",
                "karma.demo.context.demo",
            ],
            "loaders": [("template_partials.loader.Loader", _CACHED)],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "karma.common.templatetags.karma",
            ],
        },
    }
]
COTTON_DIR = "parts"
FORM_RENDERER = "karma.common.forms.HouseRenderer"

# --- words, dates and amounts
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "Europe/Amsterdam"
LANGUAGE_COOKIE_NAME = "karma_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = CONFIGURATION.is_secure
LANGUAGE_COOKIE_HTTPONLY = True

# --- files
STATIC_URL = "/static/"
STATIC_ROOT = CONFIGURATION.home / "static"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = CONFIGURATION.mode != "production"
WHITENOISE_AUTOREFRESH = DEBUG
_PRODUCTION = CONFIGURATION.mode == "production"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if _PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
MEDIA_ROOT = CONFIGURATION.home / "files"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 50

# --- safety
_HOST = "__Host-" if CONFIGURATION.is_secure else ""
SESSION_COOKIE_NAME = f"{_HOST}karma_session"
SESSION_COOKIE_SECURE = CONFIGURATION.is_secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_SECONDS = 3 * 60 * 60
CSRF_COOKIE_NAME = f"{_HOST}karma_csrf"
CSRF_COOKIE_SECURE = CONFIGURATION.is_secure
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "karma.common.views.csrf_failure"
SECURE_SSL_REDIRECT = False  # the proxy that holds the certificate redirects; /healthz must answer on plain http
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIGURATION.trusted_proxies else None
SECURE_HSTS_SECONDS = 31536000 if CONFIGURATION.is_secure else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher"
    if CONFIGURATION.mode != "test"
    else "django.contrib.auth.hashers.MD5PasswordHasher"
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

# --- signing in
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_RESET_TIMEOUT = 2 * 60 * 60
ACCOUNT_ADAPTER = "karma.people.adapter.HouseAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation by mail already proves the address
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # this session stays, all others end
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = CONFIGURATION.url.scheme
ACCOUNT_FORMS = {"login": "karma.people.forms.LoginForm", "reset_password": "karma.people.forms.ResetForm"}
ALLAUTH_TRUSTED_PROXY_COUNT = CONFIGURATION.trusted_proxies
USERSESSIONS_TRACK_ACTIVITY = False  # it would write on every page view
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Karma Sales"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = CONFIGURATION.mode == "test"
INVITATION_DAYS = 14

# --- what is written about what happens: no names, addresses, tokens or request bodies
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"impersonal": {"()": "karma.common.logs.Impersonal"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["impersonal"], "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO" if CONFIGURATION.mode != "test" else "ERROR"},
    "loggers": {
        "django.request": {"level": "WARNING" if CONFIGURATION.mode != "test" else "CRITICAL"},
        "django.server": {"level": "WARNING"},
        "django.db.backends": {"level": "WARNING"},
    },
}
