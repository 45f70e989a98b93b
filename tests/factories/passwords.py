"""A way to keep passwords that takes a few milliseconds: long enough to measure, short enough to repeat."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class Measurable(PBKDF2PasswordHasher):
    iterations = 20_000
