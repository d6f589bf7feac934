"""Where bank account numbers (IBAN) stand in text: country, its length, check digits. Pure.

Source: ISO 13616, the SWIFT IBAN Registry (lengths by country), check digits by ISO 7064 mod 97-10.
"""

import re
from collections.abc import Iterator

KEPT_CHARACTERS = 4

_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE BI",
        18: "DK FK FO FI GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH CR HR LI LV",
        22: "BG BH DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ DZ ES MD PK RO SA SE SK TN VG",
        25: "AO CV GW LY MZ PT ST",
        26: "IR IS TR",
        27: "BF CF CG CM DJ FR GA GQ GR IT KM MC MG MR SM TD",
        28: "AL AZ BJ BY CI CY DO GT HN HU LB ML NE NI PL SN SV TG",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}
_CANDIDATE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ \t.\-]{0,2}[0-9](?:[ \t.\-]{0,2}[A-Za-z0-9]){12,32}")
_CHARACTER = re.compile(r"[A-Za-z0-9]")


def find_ibans(folded: str) -> Iterator[list[int]]:
    """For each valid IBAN in `folded`, in order, the positions to mask: all but country and last four."""
    found = _CANDIDATE.search(folded)
    while found:
        places = _valid(folded, found)
        if places:
            yield places[2:-KEPT_CHARACTERS]
        found = _CANDIDATE.search(folded, places[-1] + 1 if places else found.start() + 1)


def _valid(folded: str, found: re.Match[str]) -> list[int]:
    length = _LENGTHS.get(found[0][:2].upper(), 0)
    places = [place.start() for place in _CHARACTER.finditer(folded, *found.span())][:length]
    if not length or len(places) < length or _CHARACTER.match(folded, places[-1] + 1):
        return []
    number = "".join(folded[place] for place in places).upper()
    if not number[2:4].isdigit():
        return []
    return places if int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1 else []
