"""Where credentials stand in text: tokens by their shape, passwords by the word before them. Pure.

Every pattern starts at the start of a token and never looks twice at a character, so hostile text costs
linear time. Shapes are the vendors' documented prefixes.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple


def _words(line: str) -> tuple[str, ...]:
    return tuple(line.split())


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

# What the patterns cannot do without, so that few texts are searched by all of them.
_SHORTEST_TOKEN_CHARS = 15
_THREE_DIGITS = re.compile(r"[0-9]{3}")
_NAME_STEMS = _words("pass pwd wort mdp contrase clave senha woord parola hasło haslo pin key secret token")
_CODE_STEMS = _words("cv csc code verification nummer ziffer cryptogramme digo codice")
_LIKE_I = "ı\u0307"
"""What a pattern that ignores case takes for an i, besides an I: without a dot, and the dot that İ leaves behind."""


class Secret(NamedTuple):
    """A span to take out, and what kind it is: `secret`, `password`, `card_code`."""

    start: int
    end: int
    kind: str


def find_secrets(folded: str) -> Iterator[Secret]:
    """Every credential in `folded` (see `agents.text.folding`), by kind of pattern; spans may overlap."""
    for rule in _worth_trying(folded):
        for found in rule.pattern.finditer(folded):
            if span := rule.span(found):
                yield Secret(*span, rule.kind)


def _worth_trying(folded: str) -> list["Rule"]:
    """The rules of which all that they cannot do without is there: of most texts none."""
    rules = [_KEYS] if "-----BEGIN" in folded else []
    if max(map(len, folded.split()), default=0) >= _SHORTEST_TOKEN_CHARS:
        rules += _LONG
    if "://" in folded:
        rules.append(_ADDRESSES)
    assigned = ":" in folded or "=" in folded
    said = _UNLIKE_A_WORD.search(folded) is not None
    if not (assigned or said):
        return rules
    lower = folded.lower()
    if _has_one(_NAME_STEMS, lower):
        rules += [_ASSIGNED] * assigned + [_STATED] * said
    if said and _THREE_DIGITS.search(folded) and _has_one(_CODE_STEMS, lower):
        rules.append(_CODES)
    return rules


def _has_one(stems: tuple[str, ...], lower: str) -> bool:
    for stem in stems:
        if stem in lower:
            return True
    return not lower.isascii() and any(sign in lower for sign in _LIKE_I)


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


def _unmasked(found: re.Match[str]) -> tuple[int, int] | None:
    return None if _is_masked(found["value"]) else found.span("value")


class Rule(NamedTuple):
    """A pattern, what it finds, and the span of a match that goes."""

    pattern: re.Pattern[str]
    kind: str
    span: Callable[[re.Match[str]], tuple[int, int] | None]


_KEYS = Rule(_PRIVATE_KEY, "secret", re.Match.span)
_LONG = (Rule(_TOKENS, "secret", re.Match.span), Rule(_AUTHORIZATION, "secret", _unmasked))
_ADDRESSES = Rule(_URL_PASSWORD, "password", _unmasked)
_CODES = Rule(_CODE, "card_code", _unmasked)
_ASSIGNED = Rule(_NAMED, "password", partial(_value, certain=True))
_STATED = Rule(_SAID, "password", partial(_value, certain=False))

RULES = (_KEYS, *_LONG, _ADDRESSES, _CODES, _ASSIGNED, _STATED)
"""All there are, to be compared with those that are tried."""
