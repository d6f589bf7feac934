"""Which phrases can be looked for at all: what matches everything, nothing, or costs too much is refused.

A phrase in slashes is a regular expression over folded text. Python's engine backtracks, so only a form whose
cost is bounded is taken: no unbounded repeats, no back-references, no look-around, no repeated groups.
"""

import re
import warnings

from agents.policy.phrases import phrase
from agents.policy.words import fold, is_unspaced

MAX_PHRASE_WORDS = 12
MAX_PATTERN_CHARS = 200
MAX_REPEAT = 32
MAX_VARIABLE_REPEATS = 2
MIN_LITERALS = 3
MIN_PREFIX_CHARS = 3

ORDINARY = frozenset(
    # what nearly every message holds
    "a an and are as at be but by can do for from has have he her his how i if in is it its just me my no not of"  # noqa: SIM905 -- a list of words reads as words
    " on or our she so that the their them there they this to was we what when where which who will with would"
    " yes you your ok hi hello thanks please"
    " al como con cual de del donde el ella en eres es esta este la las lo los me mi mis muy no nos para pero por"
    " que se si sin su sus te tu un una uno y ya yo hola gracias"
    " aber als am an auch auf aus bei bin bis bitte da das dass dem den der des die doch du ein eine einen einer"
    " er es fur habe haben hat hier ich ihr im in ist ja kann man mein meine mich mir mit nach nicht noch nur oder"
    " sich sie sind so und uns von war was wenn wer wie wir zu zum zur hallo danke"
    " ai au aux avec ce ces cette dans de des du elle en est et etre il ils je la le les leur lui ma mais mes moi"
    " mon ne nous on ou par pas plus pour qu que qui sa se ses son sont sur ta te tes toi ton tu un une vos votre"
    " vous bonjour merci oui non".split()
)

_QUANTIFIER = re.compile(r"\{(\d*)(,(\d*))?\}")


def fault(text: str) -> str | None:
    """What is wrong with a phrase, as the end of a sentence about it; None: nothing."""
    if pattern_of(text) is not None:
        return _pattern_fault(text[1:-1])
    if is_unspaced(text):
        return None if len(fold(text).strip()) > 1 else "is a single character: it would match too much"
    if re.search(r"\*(?!\s|$)|(?:^|\s)\*", text):
        return "has a `*` that does not stand at the end of a word"
    words = phrase(text, "*", "").words
    if not words:
        return "holds no word to look for"
    if len(words) > MAX_PHRASE_WORDS:
        return f"is longer than {MAX_PHRASE_WORDS} words: nobody types it the same way twice"
    if any(word.endswith("*") and len(word) <= MIN_PREFIX_CHARS for word in words):
        return f"has a `*` after fewer than {MIN_PREFIX_CHARS} letters: it would match too much"
    if all(word in ORDINARY for word in words) and len(words) <= 2:
        return "would match nearly every message"
    if len(words) == 1 and len(words[0]) == 1:
        return "is a single letter: it would match too much"
    return None


def pattern_of(text: str) -> str | None:
    """The regular expression in a phrase that is one."""
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == "/" else None


def _pattern_fault(pattern: str) -> str | None:
    if len(pattern) > MAX_PATTERN_CHARS:
        return f"is a pattern of more than {MAX_PATTERN_CHARS} characters"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError, Warning):
        return "is not a regular expression"
    if any(char.isupper() or fold(char) != char for char in re.sub(r"\\.", "", pattern)):
        return "can never match: text is compared in lower case and without accents, so write it that way"
    bare = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", lambda m: "c" if m[0][0] == "[" else _escaped(m[0]), pattern)
    if re.search(r"[*+]", bare) or any(m[2] == "," for m in _QUANTIFIER.finditer(bare)):
        return "is too costly: use a bounded repeat such as {1,8} instead of * or +"
    if re.search(r"\(\?(?!:)", bare) or "\x00" in bare:
        return "is too costly: look-around, flags and back-references are not read"
    if re.search(r"\)[?{]", bare):
        return "is too costly: a group may not be repeated"
    if any(int(m[3] or m[1] or 0) > MAX_REPEAT for m in _QUANTIFIER.finditer(bare)):
        return f"is too costly: a repeat may go up to {MAX_REPEAT}"
    if len(re.findall(r"\?|\{\d*,\d+\}", bare.replace("(?:", ""))) > MAX_VARIABLE_REPEATS:
        return f"is too costly: at most {MAX_VARIABLE_REPEATS} repeats of variable length"
    if compiled.search("") or compiled.search(" "):
        return "would match every message"
    if len(re.findall(r"[^\W_]", re.sub(r"\{[\d,]*\}", "", bare))) < MIN_LITERALS:
        return f"would match too much: a pattern needs at least {MIN_LITERALS} letters or digits of its own"
    return None


def _escaped(escape: str) -> str:
    """What stands for an escape while its pattern is judged: NUL for a back-reference, `_` for a class."""
    if escape[1].isdigit():
        return "\x00"
    return "_" if escape[1].isalpha() else "l"
