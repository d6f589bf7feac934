"""Where e-mail addresses and telephone numbers stand in text, for tenants that want them masked. Pure."""

import re
from collections.abc import Iterator

_LOCAL = r"[^\s@<>()\[\],;:\"'\\]"
_EMAIL = re.compile(rf"(?<!{_LOCAL}){_LOCAL}{{1,64}}@[\w\-]{{1,63}}(?:\.[\w\-]{{1,63}}){{1,8}}")

_DATE = r"[0-9]{1,2}([./\-])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})(?![./\-]?[0-9])"
_PHONES = (
    re.compile(r"(?<![\w+])(?:\+ ?\(?|00)[1-9](?:[ ().\-/]{0,3}[0-9]){6,14}(?![0-9])"),
    re.compile(
        rf"(?<![\w.:+\-])(?!{_DATE})\(?0[0-9]{{1,5}}\)?[ \-/.]{{1,3}}[0-9](?:[ \-/.]{{0,2}}[0-9]){{4,9}}(?![\w])"
    ),
    re.compile(r"(?<![\w.:+\-])0[1-9][0-9]{8,10}(?![\w])"),
    re.compile(r"(?<![\w+\-])(?:1[ .\-])?\(?[2-9][0-9]{2}\)?[ .\-]{1,2}[2-9][0-9]{2}[ .\-][0-9]{4}(?![\w\-])"),
    re.compile(
        r"(?i)(?<!\w)(?:phone|tel(?:e(?:fon[eo]?|phone))?|tel[eé]fono|mobile?|handy|cell|m[oó]vil|celular|portable|"
        r"rufnummer|call me (?:at|on)|whats ?app|fax)(?!\w)[^0-9\n+]{0,20}"
        r"(?P<value>\+?[0-9](?:[ ().\-/]{0,3}[0-9]){6,14})(?![0-9])"
    ),
)


def find_emails(folded: str) -> Iterator[tuple[int, int]]:
    """Spans of e-mail addresses in `folded` (see `agents.text.folding`)."""
    for found in _EMAIL.finditer(folded):
        yield found.span()


def find_phones(folded: str) -> Iterator[tuple[int, int]]:
    """Spans of telephone numbers: international ones, national ones as they are written, or named as such.

    A bare run of digits that starts neither with a plus nor with a zero is an order number until somebody
    calls it a phone. Spans of different forms may overlap.
    """
    for pattern in _PHONES:
        for found in pattern.finditer(folded):
            yield found.span("value" if "value" in pattern.groupindex else 0)
