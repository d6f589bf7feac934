"""Where credentials stand in text: tokens by their shape, passwords by the word before them. Pure.

Every pattern starts at the start of a token and never looks twice at a character, so hostile text costs
linear time. Shapes are the vendors' documented prefixes.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_T = r"(?<![A-Za-z0-9_\-])"  # the start of a token
_TOKENS = re.compile(
    "|".join(
        [
            _T + r"eyJ[A-Za-z0-9_\-]{5,}+\.[A-Za-z0-9_\-]{5,}+\.[A-Za-z0-9_\-]*+",  # JWT (RFC 7519)
            _T + r"(?:sk|rk|pk)[\-_][A-Za-z0-9_\-]{16,}+",  # OpenAI, Anthropic, Stripe
            _T + r"(?:gh[pousr]|glpat|hf|npm|shp(?:at|ca|pa|ss)|dop_v1|sq0[a-z]{3}|whsec|pat)[\-_][A-Za-z0-9_\-]{16,}+",
            _T + r"github_pat_[A-Za-z0-9_]{16,}+",
            _T + r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9\-]{10,}+|" + _T + r"xapp-[A-Za-z0-9\-]{10,}+",  # Slack
            r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",  # AWS access key id
            _T + r"AIza[A-Za-z0-9_\-]{35}",  # Google API key
            _T + r"ya29\.[A-Za-z0-9_\-]{16,}+",  # Google OAuth
            _T + r"SG\.[A-Za-z0-9_\-]{16,}+\.[A-Za-z0-9_\-]{16,}+",  # SendGrid
            _T + r"[0-9]{8,10}:AA[A-Za-z0-9_\-]{33}",  # Telegram bot
        ]
    )
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:[^\-]|-(?!----))*+-----END [A-Z0-9 ]{0,60}-----|(?:\s{0,4}+[A-Za-z0-9+/=]{20,}+)*+)"
)
_AUTHORIZATION = re.compile(
    r"(?i)(?<![A-Za-z0-9])(?:bearer|basic|token)[ \t]{1,8}+"
    r"(?P<value>(?=[A-Za-z.~\-]{0,64}[0-9+/=_])[A-Za-z0-9._~+/=\-]{16,}+)"
)
_URL_PASSWORD = re.compile(
    r"(?<![A-Za-z0-9+.\-])[A-Za-z][A-Za-z0-9+.\-]{1,20}://[^\s/@:]{0,128}:(?P<value>[^\s/@\[]{1,128})@"
)
_NAMES = (
    r"pass[ _\-]?(?:word|phrase|code)|passwd|pwd|pass?wort|kennwort|mot[ _\-]de[ _\-]passe|mdp|contrase[ñn]a|clave|"
    r"senha|palavra[ \-]passe|wachtwoord|parola d'ordine|has[łl]o|pin|"
    r"(?:api|secret|private|access|auth)[ _\-]?key|client[ _\-]?secret|"
    r"(?:access|auth|api|refresh|id)[ _\-]?token|token|secret"
)
_QUOTED = r"\"[^\"\n]{3,128}\"|'[^'\n]{3,128}'"
_UNQUOTED = r"[^\s\"'<>\\]"
_NAMED = re.compile(
    rf"(?i)(?<![A-Za-z0-9])(?:{_NAMES}|pass)[\"'*]{{0,3}}\s{{0,3}}+(?:=>|[:=])[*]{{0,2}}[ \t]{{0,3}}+\n?"
    rf"(?P<value>{_QUOTED}|{_UNQUOTED}{{3,}}+)"
)
_SAID = re.compile(
    rf"(?i)(?<![A-Za-z0-9])(?:{_NAMES})[ \t]{{1,3}}(?:is|was|ist|lautet|est|es|é|è)[ \t:]{{1,3}}"
    rf"(?P<value>{_QUOTED}|{_UNQUOTED}{{4,}}+)"
)
_CODE = re.compile(
    r"(?i)(?<![A-Za-z0-9])(?:cvv2?|cvc2?|cvn|csc|(?:card )?security code|card verification (?:code|number|value)|"
    r"(?:karten)?pr(?:ü|ue)f(?:nummer|ziffer)|cryptogramme(?: visuel)?|c[oó]digo de (?:seguridad|seguran[cç]a)|"
    r"codice di sicurezza|beveiligingscode)(?![A-Za-z0-9])[^0-9\n*]{0,16}(?P<value>[0-9]{3,4})(?![0-9])"
)
_SENTENCE = (  # what follows `password:` where a question follows, not the password
    "how what where why when who which can could do does did i my the a an is it its not no yes please reset",
    "resetting forgot forgotten change changed lost wrong incorrect invalid expired required missing none null",
    "true false must should will you your we our after before but and or for with",
    "wie was wo warum wann ich mein meine das der die ist nicht bitte vergessen falsch und oder",
    "como qué que cómo no mi la el es por favor olvidé olvidada je mon le la ne pas comment oublié et ou",
)
_NOT_A_SECRET = frozenset(word for line in _SENTENCE for word in line.split())


_MARKS = tuple(f"[{kind}]" for kind in ("secret", "password", "email", "phone"))
_CLOSING = ".,;:!?)}…"
_UNLIKE_A_WORD = re.compile(r"[0-9!@#$%^&_+=?]")


class Secret(NamedTuple):
    """A span to take out, and what kind it is: `secret`, `password`, `card_code`."""

    start: int
    end: int
    kind: str


def find_secrets(folded: str) -> Iterator[Secret]:
    """Every credential in `folded` (see `agents.text.folding`), by kind of pattern; spans may overlap."""
    for pattern in (_PRIVATE_KEY, _TOKENS):
        for found in pattern.finditer(folded):
            yield Secret(found.start(), found.end(), "secret")
    for pattern, kind in ((_AUTHORIZATION, "secret"), (_URL_PASSWORD, "password"), (_CODE, "card_code")):
        for found in pattern.finditer(folded):
            if not _is_masked(found["value"]):
                yield Secret(*found.span("value"), kind)
    for pattern, certain in ((_NAMED, True), (_SAID, False)):
        for found in pattern.finditer(folded):
            if span := _value(found, certain=certain):
                yield Secret(*span, "password")


def _value(found: re.Match[str], *, certain: bool) -> tuple[int, int] | None:
    """The span of the typed value, or None where a sentence goes on instead, or it is masked already."""
    start, end = found.span("value")
    value = found["value"]
    if value[0] in "\"'":
        start, end, value = start + 1, end - 1, value[1:-1]
    else:
        value = value.rstrip(_CLOSING)
        end = start + len(value)
    if len(value) < 3 or value.casefold() in _NOT_A_SECRET or _is_masked(value):
        return None
    if not certain and not _UNLIKE_A_WORD.search(value):
        return None
    return start, end


def _is_masked(value: str) -> bool:
    return not value.strip("*") or any(
        value.startswith(mark) or (len(value) > 2 and mark.startswith(value)) for mark in _MARKS
    )
