"""Card numbers, bank accounts and credentials masked in text, and byte for byte in raw records. Pure.

Known limits: a number spread over two messages, spelt in words or shown in an image is not seen.
"""

from collections import Counter
from collections.abc import Iterable

from agents.text.cards import find_cards
from agents.text.contacts import find_emails, find_phones
from agents.text.credentials import find_secrets
from agents.text.folding import fold
from agents.text.ibans import find_ibans
from agents.text.view import View

_STAR = "*"


def mask(text: str, *, email: bool = False, phone: bool = False) -> tuple[str, dict[str, int]]:
    """`text` without what must not reach a ticket or a log, and how many of each kind were found.

    `card` and `iban` keep their length, their separators and the last four characters; `secret`, `password`,
    and on demand `email` and `phone`, become their kind in brackets; `card_code` becomes stars. Masking what is
    masked changes nothing.
    """
    counts: Counter[str] = Counter()
    text = _without_secrets(text, counts)
    folded = fold(text)
    places: set[int] = set()
    for iban in find_ibans(folded):
        counts["iban"] += 1
        places.update(iban)
    folded = _starred(folded, places)
    for card in find_cards(folded):
        counts["card"] += 1
        counts["card_code"] += bool(card.code)
        places.update(card.masked, card.code)
    text = _starred(text, places)
    if email:
        text = _replaced(text, find_emails(fold(text)), "email", counts)
    if phone:
        text = _replaced(text, find_phones(fold(text)), "phone", counts)
    return text, dict(+counts)


def mask_bytes(value: bytes) -> tuple[bytes, dict[str, int]]:
    """The record with cards, accounts and credentials as stars, byte for byte: same length, nothing moved.

    For records nobody could parse: the bytes may be any text, JSON with its escapes, or garbage. A number
    that is the whole value of a JSON key ending in `id` or naming a time stays, so that a masked record can
    still be found and sent again.
    """
    view = View.of(value)
    folded = fold(view.text)
    counts: Counter[str] = Counter()
    places: set[int] = set()
    for secret in find_secrets(folded):
        if not places.issuperset(range(secret.start, secret.end)):
            counts[secret.kind] += 1
        places.update(range(secret.start, secret.end))
    folded = _starred(folded, places)
    for iban in find_ibans(folded):
        counts["iban"] += 1
        places.update(iban)
    for card in find_cards(_starred(folded, places)):
        if not view.is_identifier(card.start, card.end):
            counts["card"] += 1
            counts["card_code"] += bool(card.code)
            places.update(card.masked, card.code)
    return view.starred(places), dict(+counts)


def _without_secrets(text: str, counts: Counter[str]) -> str:
    found = sorted(find_secrets(fold(text)))
    codes = [secret for secret in found if secret.kind == "card_code"]
    counts["card_code"] += len(codes)
    text = _starred(text, {place for code in codes for place in range(code.start, code.end)})
    for kind in ("secret", "password"):
        spans = ((s.start, s.end) for s in sorted(find_secrets(fold(text))) if s.kind == kind)
        text = _replaced(text, spans, kind, counts)
    return text


def _replaced(text: str, spans: Iterable[tuple[int, int]], kind: str, counts: Counter[str]) -> str:
    parts, done = [], 0
    for start, end in sorted(spans):
        if start < done:
            continue
        parts += [text[done:start], f"[{kind}]"]
        counts[kind] += 1
        done = end
    return "".join([*parts, text[done:]])


def _starred(text: str, places: set[int]) -> str:
    if not places:
        return text
    return "".join(_STAR if place in places else character for place, character in enumerate(text))
