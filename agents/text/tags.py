"""Which `<` in a text opens a real tag, and the rest of them as text. Pure; linear in the text's length.

An HTML parser takes `<john@example.com>` and `if x<y then` for tags and loses them, and its work grows with
the square of the nesting; so a text is prepared before one sees it.
"""

import re
from collections.abc import Iterator

MAX_TAGS = 20_000
"""Beyond, tags are blanks: parsers spend quadratic time on text misplaced in tables (5 s at 80,000)."""
MAX_DEPTH = 200


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


BLOCKS = _names(
    "address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody tfoot thead "
    "tr ul"
)
CELLS = frozenset({"td", "th"})
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
DROPPED_WITH_CONTENT = _names(
    "applet audio canvas datalist embed frame frameset iframe math noembed noframes noscript object optgroup option "
    "script select style svg template textarea title video xml"
)
_INLINE = _names(
    "a abbr acronym b bdi bdo big blink button cite code data del dfn em font i ins kbd label mark marquee meter "
    "output picture progress q rp rt ruby s samp small span strike strong sub sup time tt u var"
)
KNOWN = (
    BLOCKS
    | CELLS
    | VOID
    | DROPPED_WITH_CONTENT
    | _INLINE
    | {"head", "colgroup", "map", "param", "slot", "animate", "set"}
)

_RAW = re.compile(r"(?i)</(script|style|textarea|title|xmp|iframe|noembed|noframes|noscript|plaintext)\b")
_SWALLOWING = _names("script style textarea title xmp iframe noembed noframes noscript plaintext")
_OPEN = re.compile(
    r"<(?P<slash>/?)(?P<name>[A-Za-z][A-Za-z0-9]{0,15}(?:[:\-][A-Za-z0-9:\-]{1,32})?)"
    r"(?=\s{0,64}/?>|[\s/]{1,64}(?:(?P<attribute>[A-Za-z_:@][\w:.\-]{0,63}\s{0,8}=)|(?P<bare>(?:nowrap|disabled|checked|"
    r"hidden|async|defer|controls|autoplay|loop|muted|required|selected|open|reversed|noshade|allowfullscreen)"
    r"\s{0,8}/?[\s>])))"
)
_WHOLE = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})\b((?:[^<>\"']|\"[^\"]{0,8192}\"|'[^']{0,8192}')*+)>")
_MARKUP = re.compile(r"<|&(?![A-Za-z#])")
_DECLARATION = re.compile(r"(?i)<(?:!doctype\b|!\[(?:if|endif|cdata)|\?xml\b|!--)")

_CANDIDATES = 60
_ALWAYS = frozenset({"br", "hr", "img"})


def looks_like_html(text: str) -> bool:
    """Whether real, complete tags stand in `text`, and not only the name of one in a sentence.

    Convincing are: a pair, a tag with attributes, `<br>`, a block at the very start. "use the <b> tag" is not.
    """
    opened: set[str] = set()
    for slash, name, attributes in _first_tags(text):
        if name in opened if slash else (name in _ALWAYS or "=" in attributes):
            return True
        if not slash:
            opened.add(name)
    return False


def _first_tags(text: str) -> Iterator[tuple[str, str, str]]:
    place = -1
    for _ in range(_CANDIDATES):
        place = text.find("<", place + 1)
        if place < 0:
            return
        found = _WHOLE.match(text, place)
        if found and found[2].lower() in KNOWN:
            yield found[1], found[2].lower(), found[3]


def only_tags(text: str) -> str:
    """`text` in which every `<` that opens no known tag is `&lt;`, and the nesting is bounded.

    Unknown names stay text unless they are namespaced or custom elements (`o:p`, `x-card`), which go.
    """
    swallow_until = {found[1].lower(): found.start() for found in _RAW.finditer(text)}
    last_comment_end = text.rfind("-->")
    counted = 0
    depth = 0

    def tag(found: re.Match[str]) -> str:
        nonlocal counted, depth
        if found[0] == "&":
            return "&amp;"
        start = found.start()
        if declaration := _DECLARATION.match(text, start):
            return "<" if declaration[0] != "<!--" or last_comment_end > start else "&lt;"
        opening = _OPEN.match(text, start)
        name = opening["name"].lower() if opening else ""
        if not opening or not (name in KNOWN or ":" in name or "-" in name):
            return "&lt;"
        if not opening["slash"] and name in _SWALLOWING and swallow_until.get(name, -1) < start:
            return "&lt;"
        counted += 1
        if name not in VOID:
            depth += -1 if opening["slash"] else 1
        if counted > MAX_TAGS or depth > MAX_DEPTH:
            return "\n<wbr " if name in BLOCKS or name == "br" else "<wbr "
        return "<"

    return _MARKUP.sub(tag, text)
