"""Money: integer cents, made from what people type and shown as people read it."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from karma_core.errors import KarmaError

_CURRENCY = re.compile(r"[A-Z]{3}")
_DUTCH = re.compile(r"-?\d{1,3}(\.\d{3})+(,\d{1,2})?|-?\d+,\d{1,2}")
_ENGLISH = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d{1,2})?|-?\d+(\.\d{1,2})?")
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}


class AmountError(KarmaError):
    """An amount or a currency that cannot be read without guessing."""


def parse_amount(text: str) -> int:
    """Read an amount typed by a person, in the currency's units, as integer cents.

    Accepts "471000", "471.000", "471.000,50", "471,000.50" and a leading minus sign. "1.234" is read as
    one thousand two hundred and thirty-four, as a Dutch reader would: nobody types three decimals of a cent.

    Raises AmountError for anything else.

    >>> parse_amount("398.000"), parse_amount("398000.50"), parse_amount("-12,5")
    (39800000, 39800050, -1250)
    """
    plain = text.strip().replace("\u00a0", "").replace(" ", "").lstrip("€$£")
    if _DUTCH.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif _ENGLISH.fullmatch(plain):
        plain = plain.replace(",", "")
    else:
        raise AmountError(
            f'"{text}" is not an amount. Type it as 412000 or 412.000,50.',
            nl=f'"{text}" is geen bedrag. Typ het als 412000 of 412.000,50.',
        )
    return to_cents(plain)


def to_cents(decimal_text: str) -> int:
    """Turn a plain decimal ("12.345") into cents, half cents away from zero.

    Raises AmountError where the text is no finite decimal.

    >>> to_cents("12.345"), to_cents("-0.005")
    (1235, -1)
    """
    try:
        amount = Decimal(decimal_text)
        return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except (InvalidOperation, ValueError, OverflowError):
        raise AmountError(
            f'"{decimal_text}" is not an amount. Type it as 412000.50.',
            nl=f'"{decimal_text}" is geen bedrag. Typ het als 412000.50.',
        ) from None


def check_currency(code: str) -> str:
    """Return the three-letter code in capitals; raise AmountError for anything else.

    >>> check_currency("eur")
    'EUR'
    """
    upper = code.strip().upper()
    if not _CURRENCY.fullmatch(upper):
        raise AmountError(
            f'"{code}" is not a currency. Use its three letters, such as EUR.',
            nl=f'"{code}" is geen valuta. Gebruik de drie letters, zoals EUR.',
        )
    return upper


def in_words(cents: int, *, currency: str | None, language: str) -> str:
    """Write an amount in whole units as a Dutch or an English reader expects it.

    A currency without a sign of its own is written by its code; no currency at all leaves the bare number.

    >>> in_words(41_200_000, currency="EUR", language="nl"), in_words(-41_200_049, currency="SEK", language="en")
    ('€ 412.000', 'SEK -412,000')
    """
    units = (abs(cents) + 50) // 100
    digits = f"{units:,}" if language == "en" else f"{units:,}".replace(",", ".")
    signed = f"-{digits}" if cents < 0 and units else digits
    symbol = SYMBOLS.get(currency or "", currency or "")
    return f"{symbol} {signed}".strip()
