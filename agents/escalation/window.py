"""The last turns of an episode in order of (time, source offset), and what can be counted in them.

A turn may come late and is then put where it belongs; every count is taken around the turn that came, so that a
late one can complete what it belongs to.
"""

from msgspec.structs import replace

from agents.escalation.state import AI, AUTOMATIC, CONTENTED, CUSTOMER, MAX_WINDOW_TURNS, UNTIMED, Mark

COMPARED_TURNS = 8
"""Of one author; older turns lose their fingerprints."""

Marks = tuple[Mark, ...]
_UNCOUNTED = UNTIMED | AUTOMATIC


def inserted(marks: Marks, mark: Mark) -> Marks:
    """`marks` with one more, the oldest dropped past `MAX_WINDOW_TURNS`."""
    if mark.tokens and len(marks) >= COMPARED_TURNS:
        marks = _without_old_tokens(marks, mark.author)
    if not marks or marks[-1].ms < mark.ms:
        return (*marks, mark)[-MAX_WINDOW_TURNS:]
    place = len(marks)
    while place and (marks[place - 1].ms, marks[place - 1].offset) > (mark.ms, mark.offset):
        place -= 1
    return (*marks[:place], mark, *marks[place:])[-MAX_WINDOW_TURNS:]


def _without_old_tokens(marks: Marks, author: int) -> Marks:
    kept = 0
    for back, candidate in enumerate(reversed(marks), 1):
        if candidate.author == author and candidate.tokens:
            kept += 1
            if kept == COMPARED_TURNS:
                index = len(marks) - back
                return (*marks[:index], replace(candidate, tokens=()), *marks[index + 1 :])
    return marks


def customer_turns_within(marks: Marks, mark: Mark, within_ms: int) -> Marks:
    """The customer's turns in the fullest stretch of `within_ms` that holds `mark`; none where it is untimed."""
    if mark.flags & UNTIMED:
        return ()
    earliest, latest = mark.ms - within_ms, mark.ms + within_ms
    if marks and earliest <= marks[0].ms and marks[-1].ms <= latest:
        near = [m for m in marks if m.author == CUSTOMER and not m.flags & _UNCOUNTED]
    else:
        near = [m for m in marks if m.author == CUSTOMER and earliest <= m.ms <= latest and not m.flags & _UNCOUNTED]
    if near and near[-1].ms == mark.ms:
        return tuple(near)
    best: list[Mark] = []
    for start in near:
        if start.ms > mark.ms:
            break
        stretch = [m for m in near if start.ms <= m.ms <= start.ms + within_ms]
        if len(stretch) > len(best):
            best = stretch
    return tuple(best)


def customer_turns_before_thanks(marks: Marks, mark: Mark, within_ms: int) -> Marks:
    """The same, of the stretches that end with a turn in which the customer is not content: as it stood then."""
    near = [m for m in marks if m.author == CUSTOMER and not m.flags & _UNCOUNTED]
    best: list[Mark] = []
    for number, end in enumerate(near):
        if end.flags & CONTENTED or (end.ms, end.offset) < (mark.ms, mark.offset) or mark.ms < end.ms - within_ms:
            continue
        stretch = [m for m in near[: number + 1] if m.ms >= end.ms - within_ms]
        if len(stretch) > len(best):
            best = stretch
    return tuple(best)


def low_streak(marks: Marks, mark: Mark, below: float) -> Marks:
    """The answers of the AI in a row, each below `below`, that hold `mark`. Answers without a figure do not count."""
    streak: list[Mark] = []
    holds_mark = False
    for candidate in marks:
        confidence = candidate.confidence
        if candidate.author != AI or confidence is None:
            continue
        if confidence < below:
            streak.append(candidate)
            holds_mark = holds_mark or candidate.offset == mark.offset
        elif holds_mark:
            break
        else:
            streak.clear()
    return tuple(streak) if holds_mark else ()


def similar(marks: Marks, mark: Mark, similarity: float) -> Marks:
    """`mark` and the turns of its author that say much the same: shared words over all words of both."""
    tokens = mark.tokens
    if not tokens:
        return ()
    wanted, size, author = set(tokens), len(tokens), mark.author
    alike = []
    for candidate in marks:
        if candidate.author != author or not candidate.tokens:
            continue
        theirs = candidate.tokens
        other = len(theirs)
        if other != size and min(size, other) < similarity * max(size, other):
            continue  # too different in length, whatever the words
        shared = len(wanted.intersection(theirs))
        if shared >= similarity * (size + other - shared):
            alike.append(candidate)
    return tuple(alike)


def most_similar(marks: Marks, mark: Mark, similarity: float) -> Marks:
    """The largest set of turns around one of them that `mark` belongs to: a late one may join two that differ."""
    alike = similar(marks, mark, similarity)
    if len(alike) < 2:
        return alike
    comparable = sum(1 for candidate in marks if candidate.tokens and candidate.author == mark.author)
    best: Marks = ()
    for other in alike:
        around = alike if other is mark else similar(marks, other, similarity)
        if len(around) > len(best):
            best = around
            if len(best) == comparable:
                break
    return best


def last_of(marks: Marks, author: int) -> Mark | None:
    """The newest turn of that author that no autoresponder wrote."""
    for mark in reversed(marks):
        if mark.author == author and not mark.flags & AUTOMATIC:
            return mark
    return None


def neighbours(marks: Marks, mark: Mark) -> tuple[Mark | None, Mark | None]:
    """The turns just before and just after `mark`."""
    before = None
    for candidate in marks:
        if (candidate.ms, candidate.offset) > (mark.ms, mark.offset):
            return before, candidate
        if candidate.offset != mark.offset:
            before = candidate
    return before, None
