"""The `rules:` of a policy file."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args

from agents.policy.model import (
    HOUR_MS,
    MINUTE_MS,
    Action,
    HumanRequest,
    LowConfidence,
    Own,
    Params,
    PlatformVerdict,
    Repetition,
    Rule,
    Silence,
    TooManyTurns,
    TriggerPhrase,
    Unresolved,
    Values,
)
from agents.policy.nodes import Entry, meant
from streams.contracts.base import Scalar
from streams.contracts.escalation_commands import REASONS

ACTIONS: tuple[Action, ...] = get_args(Action)
DAY_MS = 24 * HOUR_MS
MAX_COUNTED_TURNS = 32
MAX_COMPARED_TURNS = 8
"""How many turns of one author repetition looks back over."""

_REASON = re.compile(r"[a-z][a-z0-9_]{1,39}")
_LOCALE = re.compile(r"[a-z]{2,3}")
_COMMON = {"reason", "action", "channels", "by_locale"}
Fields = Mapping[str, Entry]


def read_rules(entry: Entry) -> tuple[Rule, ...]:
    """The rules in the file's order; two of one reason are refused."""
    rules: dict[str, Rule] = {}
    for item in entry.items():
        rule = _read_rule(item)
        if rule is None:
            continue
        if rule.reason in rules:
            item.complain(f"is a second rule for `{rule.reason}`; the first is at line {rules[rule.reason].line}")
        else:
            rules[rule.reason] = rule
    if not rules and entry.is_list:
        entry.complain("must hold at least one rule")
    return tuple(rules.values())


def _read_rule(item: Entry) -> Rule | None:
    reason_entry = item.fields().get("reason") if item.is_mapping else None
    if reason_entry is None:
        item.complain("must be a mapping with a `reason`")
        return None
    reason = reason_entry.text()
    own = reason not in REASONS
    if own and "when" not in item.fields():
        hint = meant(reason, REASONS) or "; a reason of your own needs `when`"
        reason_entry.complain(f"is '{reason}', which is no reason this version knows{hint}")
        return None
    if own and not _REASON.fullmatch(reason):
        reason_entry.complain("must be 2 to 40 of a-z, 0-9 and _, beginning with a letter")
        return None
    fields = item.fields(known=_COMMON | parameter_names(reason))
    rule = Rule(
        reason=reason,
        action="record" if reason == "silence" else "transfer",
        params=default_params(reason),
        line=item.line,
    )
    if reason == "trigger_phrase" and "phrases" not in fields:
        item.complain("needs `phrases`: the lists whose phrases trigger it")
    return with_fields(rule, fields)


def with_fields(rule: Rule, fields: Fields) -> Rule:
    """`rule` with what `fields` say differently; what they leave out is kept."""
    params = _READERS[type(rule.params)](rule.params, fields)
    by_locale = dict(rule.by_locale)
    if "by_locale" in fields:
        for language, entry in fields["by_locale"].fields().items():
            if not _LOCALE.fullmatch(language):
                entry.complain("must be a language such as `de`")
            own = entry.fields(known=parameter_names(rule.reason))
            by_locale[language] = _READERS[type(params)](params, own)
    return replace(
        rule,
        params=params,
        by_locale=by_locale,
        action=fields["action"].choice(ACTIONS, rule.action) if "action" in fields else rule.action,
        channels=fields["channels"].texts() if "channels" in fields else rule.channels,
    )


def default_params(reason: str) -> Params:
    """What holds for a rule that says no more than its reason."""
    make = _DEFAULTS.get(reason, Own)
    return make()


def parameter_names(reason: str) -> set[str]:
    """The names a rule for `reason` takes beside the common ones."""
    return _NAMES.get(reason, {"when"})


def _human_request(base: HumanRequest, fields: Fields) -> HumanRequest:
    return HumanRequest(
        in_text=fields["in_text"].flag(default=base.in_text) if "in_text" in fields else base.in_text,
        phrases=fields["phrases"].texts() if "phrases" in fields else base.phrases,
    )


def _verdict(base: PlatformVerdict, _fields: Fields) -> PlatformVerdict:
    return base


def _unresolved(base: Unresolved, fields: Fields) -> Unresolved:
    read = Unresolved(
        on_verdict=fields["on_verdict"].flag(default=True) if "on_verdict" in fields else base.on_verdict,
        on_end=fields["on_end"].flag(default=True) if "on_end" in fields else base.on_end,
    )
    if not (read.on_verdict or read.on_end):
        fields["on_end" if "on_end" in fields else "on_verdict"].complain("leaves nothing that could fire")
    return read


def _low_confidence(base: LowConfidence, fields: Fields) -> LowConfidence:
    below = base.confidence_below
    if "confidence_below" in fields:
        below = fields["confidence_below"].number(0, 1, below)
        if below == 0:
            fields["confidence_below"].complain("can never be reached: no confidence is below 0")
    answers = fields["answers"].integer(1, 16, base.answers) if "answers" in fields else base.answers
    return LowConfidence(below, answers)


def _too_many_turns(base: TooManyTurns, fields: Fields) -> TooManyTurns:
    turns, within = base.turns, base.within_ms
    if "turns" in fields:
        why = "the last 64 turns are remembered, about half of them the customer's"
        turns = fields["turns"].integer(2, MAX_COUNTED_TURNS, turns, why)
    if "within" in fields:
        within = fields["within"].duration_ms(MINUTE_MS, 2 * DAY_MS, within)
    if within < turns * 2_000:
        named = fields.get("within") or fields.get("turns")
        if named is not None:
            named.complain(f"can never be reached: {turns} messages in so short a time")
    return TooManyTurns(turns, within)


def _repetition(base: Repetition, fields: Fields) -> Repetition:
    read = Repetition(
        customer_times=_times(fields, "customer_times", base.customer_times),
        ai_times=_times(fields, "ai_times", base.ai_times),
        similarity=(
            fields["similarity"].number(0.5, 1, base.similarity) if "similarity" in fields else base.similarity
        ),
    )
    if read.customer_times is None and read.ai_times is None:
        next(iter(fields.values())).complain("leaves nothing that could fire: both counts are off")
    return read


def _times(fields: Fields, name: str, base: int | None) -> int | None:
    if name not in fields:
        return base
    entry = fields[name]
    if entry.scalar() is False or entry.scalar() == "off":
        return None
    why = f"the last {MAX_COMPARED_TURNS} turns of one author are compared; `off` switches it off"
    return entry.integer(2, MAX_COMPARED_TURNS, base or 3, why)


def _trigger_phrase(base: TriggerPhrase, fields: Fields) -> TriggerPhrase:
    return TriggerPhrase(fields["phrases"].texts()) if "phrases" in fields else base


MIN_SILENCE_MS = 5_000
"""A trial wants to see it happen; a support team wants minutes."""


def _silence(base: Silence, fields: Fields) -> Silence:
    if "after" not in fields:
        return base
    return Silence(fields["after"].duration_ms(MIN_SILENCE_MS, 2 * DAY_MS, base.after_ms))


_CONDITIONS = {"phrases", "topics", "intents", "tags", "attributes", "rating_at_most", "customer_turns"}


def _own(base: Own, fields: Fields) -> Own:
    if "when" not in fields:
        return base
    when = fields["when"].fields(known=_CONDITIONS)
    if not when and fields["when"].is_mapping:
        fields["when"].complain(f"needs a condition: one of {', '.join(sorted(_CONDITIONS))}")
    if "phrases" in when and "rating_at_most" in when:
        when["rating_at_most"].complain("can never hold together with `phrases`: no event has both")
    texts = {name: when[name].texts() for name in ("phrases", "topics", "intents", "tags") if name in when}
    rating, turns = when.get("rating_at_most"), when.get("customer_turns")
    return Own(
        phrases=texts.get("phrases", ()),
        topics=texts.get("topics", ()),
        intents=texts.get("intents", ()),
        tags=texts.get("tags", ()),
        attributes=read_values(when["attributes"]) if "attributes" in when else {},
        rating_at_most=rating.integer(1, 4, 2, "5 is the best there is") if rating else None,
        customer_turns=turns.integer(1, MAX_COUNTED_TURNS, 1) if turns else None,
    )


def read_values(entry: Entry) -> Values:
    """Name -> the values that count. `any` stands for every value."""
    return {name: _read_value(value) for name, value in entry.fields().items()}


def _read_value(entry: Entry) -> tuple[Scalar, ...]:
    if entry.is_list:
        values = tuple(item.scalar() for item in entry.items())
        if not values:
            entry.complain("must name at least one value, or `any`")
        return values
    value = entry.scalar()
    return () if value == "any" else (value,)


_DEFAULTS: dict[str, Callable[[], Params]] = {
    "human_requested": HumanRequest,
    "platform_escalated": PlatformVerdict,
    "unresolved": Unresolved,
    "low_confidence": LowConfidence,
    "too_many_turns": TooManyTurns,
    "repetition": Repetition,
    "trigger_phrase": lambda: TriggerPhrase(()),
    "silence": Silence,
}
_NAMES: dict[str, set[str]] = {
    "human_requested": {"in_text", "phrases"},
    "platform_escalated": set(),
    "unresolved": {"on_verdict", "on_end"},
    "low_confidence": {"confidence_below", "answers"},
    "too_many_turns": {"turns", "within"},
    "repetition": {"customer_times", "ai_times", "similarity"},
    "trigger_phrase": {"phrases"},
    "silence": {"after"},
}
_READERS: dict[type[Any], Callable[[Any, Fields], Params]] = {
    HumanRequest: _human_request,
    PlatformVerdict: _verdict,
    Unresolved: _unresolved,
    LowConfidence: _low_confidence,
    TooManyTurns: _too_many_turns,
    Repetition: _repetition,
    TriggerPhrase: _trigger_phrase,
    Silence: _silence,
    Own: _own,
}
