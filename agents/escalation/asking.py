"""Which rules an occasion makes speak, and what they say. What is the same every time is found once.

Most rules ask for certain words, and most messages hold none of them: then all these rules measure nothing, whatever
the conversation, and only those that look at more than words are asked. So the cost of a message does not grow with
the number of rules that wait for words.
"""

from typing import NamedTuple

from agents.escalation.decision import Measure
from agents.escalation.learning import language_of
from agents.escalation.signals import SIGNALS, Signal, Situation, nothing
from agents.escalation.state import ACCEPTS, OFFERED
from agents.policy.compiled import LIST, CompiledPolicy, CompiledRule, Occasion
from agents.policy.model import HumanRequest, Own, Params, Repetition, TriggerPhrase

MAX_PLANS = 1_000
_MAY_AGREE = ACCEPTS | OFFERED


class Measured(NamedTuple):
    """All that was measured, and the rules among it that fired, in the policy's order."""

    all: list[Measure]
    fired: list[tuple[CompiledRule, Measure]]


class _Asked(NamedTuple):
    place: int
    rule: CompiledRule
    params: Params
    signal: Signal


class _Plan(NamedTuple):
    """What an occasion asks on one channel and in one language.

    `every` has all rules. Where no words are found, those in `unless_heard` are asked, and put into `quiet` at their
    place; the rest measure what stands there. `lists` are the phrase lists any rule waits for.
    """

    every: tuple[_Asked, ...]
    quiet: list[Measure]
    unless_heard: tuple[_Asked, ...]
    lists: frozenset[str]


def measure(at: Situation) -> Measured:
    """Every rule the occasion can make speak, with what it measured."""
    plan: _Plan = at.policy.plans.get((at.occasion, at.head.channel, at.head.locale)) or _remembered(at)
    heard, mark = at.heard, at.mark
    if (
        heard.request is not None
        or (mark is not None and mark.flags & _MAY_AGREE)
        or (heard.matches and not plan.lists.isdisjoint(heard.matches))
    ):
        return _ask_all(plan, at)
    measures = plan.quiet.copy()
    fired, gone = [], []
    for place, rule, params, signal in plan.unless_heard:
        found = signal(rule, params, at)
        if found is None:
            gone.append(place)
            continue
        measures[place] = found
        if found.fired:
            fired.append((rule, found))
    for place in reversed(gone):
        del measures[place]
    return Measured(measures, fired)


def _ask_all(plan: _Plan, at: Situation) -> Measured:
    asked = [(rule, found) for _, rule, params, signal in plan.every if (found := signal(rule, params, at)) is not None]
    return Measured([found for _, found in asked], [(rule, found) for rule, found in asked if found.fired])


def _remembered(at: Situation) -> _Plan:
    plans, head = at.policy.plans, at.head
    if len(plans) >= MAX_PLANS:
        plans.clear()
    plan = _made(at.policy, at.occasion, head.channel, language_of(head.locale))
    plans[at.occasion, head.channel, head.locale] = plan
    return plan


def _made(policy: CompiledPolicy, occasion: Occasion, channel: str | None, language: str | None) -> _Plan:
    rules = [rule for rule in policy.on[occasion] if rule.holds_on(channel)]
    every = [_Asked(n, rule, rule.params_for(language), SIGNALS[type(rule.params)]) for n, rule in enumerate(rules)]
    quiet: list[Measure] = []
    asked: list[_Asked] = []
    lists: set[str] = set()
    for each in every:
        lists.update(LIST + name for name in getattr(each.params, "phrases", ()))
        if _is_silent(each.params, occasion):
            continue
        unheard = _unheard(each, occasion)
        if unheard is None:
            asked.append(each._replace(place=len(quiet)))
        quiet.append(unheard or nothing(each.rule.reason))
    return _Plan(tuple(every), quiet, tuple(asked), frozenset(lists))


def _is_silent(params: Params, occasion: Occasion) -> bool:
    """Whether it measures nothing at all where no words are heard."""
    if isinstance(params, HumanRequest):
        return occasion == "ai"
    if isinstance(params, Repetition):
        return (params.customer_times if occasion == "customer" else params.ai_times) is None
    return False


def _unheard(asked: _Asked, occasion: Occasion) -> Measure | None:
    """What it measures whenever no words are heard; None: that depends on more."""
    params, reason = asked.params, asked.rule.reason
    if isinstance(params, TriggerPhrase) or (isinstance(params, HumanRequest) and occasion == "customer"):
        return nothing(reason)
    if isinstance(params, Own) and params.phrases:
        return nothing(reason, "phrases")
    return None
