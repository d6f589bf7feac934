"""Which `<` in a text opens a real tag, and the rest of them as text. Pure; linear in the text's length.

An HTML parser takes `<john@example.com>` and `if x<y then` for tags and loses them; and its work grows with the
square of the nesting. So a text is prepared before one sees it.
"""

import re

MAX_TAGS = 10_000
"""What follows them is not read. Parsers need time by the square of the nesting: 0.3 s at this many."""


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


BLOCKS = _names(
    "address article aside blockquote body button caption center dd details dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody "
    "tfoot thead tr ul"
)
CELLS = frozenset({"td", "th"})
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
DROPPED_WITH_CONTENT = _names(
    "applet audio canvas datalist iframe math noembed noframes noscript object script select style svg template "
    "textarea title video xml xmp"
)
_INLINE = _names(
    "abbr acronym b bdi bdo big blink cite code data del dfn em font i ins kbd label mark marquee meter nobr "
    "output picture progress q rp rt ruby s samp small strike strong sub time tt u var"
)
KNOWN = (
    BLOCKS
    | CELLS
    | VOID
    | DROPPED_WITH_CONTENT
    | _INLINE
    | {"a", "body", "colgroup", "head", "map", "optgroup", "option", "param", "slot", "span", "sup"}
    | {"frame", "frameset", "plaintext"}
)

_ENDS = re.compile(rf"(?i)</({'|'.join(sorted(DROPPED_WITH_CONTENT | {'plaintext'}))})\b")
_OPEN = re.compile(
    r"<(?P<slash>/?)(?P<name>[A-Za-z][A-Za-z0-9]{0,15}(?:[:\-][A-Za-z0-9:\-]{1,32})?)"
    r"(?=\s{0,64}/?>|[\s/]{1,64}(?:(?P<attribute>[A-Za-z_:@][\w:.\-]{0,63}\s{0,8}=)|(?P<bare>(?:nowrap|disabled|checked|"
    r"hidden|async|defer|controls|autoplay|loop|muted|required|selected|open|reversed|noshade|allowfullscreen)"
    r"\s{0,8}/?[\s>])))"
)
_WHOLE = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})\b((?:[^<>\"']|\"[^\"]{0,8192}\"|'[^']{0,8192}')*+)>")
_MARKUP = re.compile(r"<|&(?![A-Za-z#])")
_SWALLOWING = DROPPED_WITH_CONTENT | {"plaintext"}
_DECLARATION = re.compile(r"(?i)<(?:!doctype\b|!\[(?:if|endif|cdata)|\?xml\b|!--)")

_CANDIDATES = 60
_BREAKS = frozenset({"br", "hr"})
_FIRST = re.compile(r"(?i)\s*<(?:!doctype html|(?:p|div|html|body|table|ul|ol|h[1-6])>)")


def looks_like_html(text: str) -> bool:
    """Whether real, complete tags stand in `text`, and not only the name of one in a sentence.

    Convincing are: a pair, a tag with attributes, `<br>` (but not ` <br> `), a block at the very start.
    "use the <b> tag" is not.
    """
    if _FIRST.match(text):
        return True
    opened: set[str] = set()
    place = -1
    for _ in range(_CANDIDATES):
        place = text.find("<", place + 1)
        found = _WHOLE.match(text, place) if place >= 0 else None
        if place < 0:
            return False
        name = found[2].lower() if found else ""
        if not found or name not in KNOWN:
            continue
        if found[1]:
            convincing = name in opened
        elif name in _BREAKS:
            convincing = not (text[place - 1 : place].isspace() and text[found.end() : found.end() + 1].isspace())
        else:
            convincing = "=" in found[3]
            opened.add(name)
        if convincing:
            return True
    return False


def only_tags(text: str) -> tuple[str, bool]:
    """`text` in which every `<` that opens no known tag is `&lt;`, up to the first `MAX_TAGS` tags;
    and whether that is all of it.

    Unknown names stay text unless they are namespaced or custom elements (`o:p`, `x-card`). Tags that only
    format become spans: a parser opens unclosed ones again in every paragraph, n times m of them.
    """
    last_end = {found[1].lower(): found.start() for found in _ENDS.finditer(text)}
    last_comment_end = text.rfind("-->")
    left = MAX_TAGS
    cut = len(text)

    def escaped(found: re.Match[str]) -> str:
        nonlocal left, cut
        start = found.start()
        if found[0] == "&":
            return "&amp;"
        if declaration := _DECLARATION.match(text, start):
            return "<" if declaration[0] != "<!--" or last_comment_end > start else "&lt;"
        tag = _OPEN.match(text, start)
        name = tag["name"].lower() if tag else ""
        if not tag or not (name in KNOWN or ":" in name or "-" in name):
            return "&lt;"
        left -= 1
        if left == 0:
            cut = start
        if name in _SWALLOWING and not tag["slash"] and last_end.get(name, -1) < start:
            # It would take the rest of the text with it: a mention stays as text, a real tag goes alone.
            return "<wbr " if tag["attribute"] else "&lt;"
        return f"<{tag['slash']}span " if name in _INLINE else "<"

    prepared = _MARKUP.sub(escaped, text)
    return (prepared, True) if cut == len(text) else (only_tags(text[:cut])[0], False)
