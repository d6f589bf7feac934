"""What no single line of a policy shows: names that lead nowhere, rules that never fire, routes never taken."""

from collections.abc import Iterator, Mapping

from agents.policy.model import HumanRequest, Own, Policy, Route, Rule, Silence, TriggerPhrase, Values
from agents.policy.nodes import Problem, as_duration, meant
from agents.policy.phrases import ANY_LANGUAGE
from agents.policy.topics import is_under_any


def check(policy: Policy) -> list[Problem]:
    """Everything that is impossible in `policy`."""
    return [
        *_check_languages(policy),
        *_check_names(policy),
        *_check_rules(policy),
        *_check_routes(policy),
    ]


def _check_languages(policy: Policy) -> Iterator[Problem]:
    known = {*policy.locales, ANY_LANGUAGE}
    for item in policy.phrases.values():
        yield from _strangers(f"phrases.{item.name}", item.phrases, known, item.line)
    for topic in policy.topics:
        yield from _strangers(f"topic {topic.name}", topic.words, known, topic.line)
    for rule in policy.rules:
        yield from _strangers(f"rule {rule.reason}", rule.by_locale, known, rule.line)
    for route in policy.routes:
        yield from _strangers(
            f"route {route.name}", [locale.split("-")[0] for locale in route.locales], known, route.line
        )


def _strangers(
    where: str, languages: Mapping[str, object] | list[str], known: set[str], line: int
) -> Iterator[Problem]:
    for language in languages:
        if language not in known:
            yield Problem(line, f"{where} names `{language}`, which is not among `locales`")


def _phrase_lists(rule: Rule) -> tuple[str, ...]:
    variants = (rule.params, *rule.by_locale.values())
    return tuple(
        name for params in variants if isinstance(params, HumanRequest | TriggerPhrase | Own) for name in params.phrases
    )


def _check_names(policy: Policy) -> Iterator[Problem]:
    topics = [topic.name for topic in policy.topics]
    used: set[str] = set()
    for rule in policy.rules:
        for name in _phrase_lists(rule):
            used.add(name)
            if name not in policy.phrases:
                hint = meant(name, policy.phrases)
                yield Problem(rule.line, f"rule {rule.reason} uses phrases `{name}`, which is no list here{hint}")
        if isinstance(rule.params, Own):
            for name in rule.params.topics:
                if name not in topics:
                    yield Problem(
                        rule.line, f"rule {rule.reason} waits for topic `{name}`, which is none{meant(name, topics)}"
                    )
    for item in policy.phrases.values():
        if item.name not in used:
            yield Problem(item.line, f"phrases.{item.name} is used by no rule")


def _check_rules(policy: Policy) -> Iterator[Problem]:
    for rule in policy.rules:
        for params in (rule.params, *rule.by_locale.values()):
            if isinstance(params, Silence) and params.after_ms >= policy.idle_ms:
                yield Problem(
                    rule.line,
                    f"rule silence can never fire: the episode ends after {as_duration(policy.idle_ms)} idle,"
                    f" before {as_duration(params.after_ms)} of silence",
                )


def _check_routes(policy: Policy) -> Iterator[Problem]:
    reasons = [rule.reason for rule in policy.rules]
    topics = [topic.name for topic in policy.topics]
    if not any(route.is_default for route in policy.routes):
        line = policy.routes[-1].line if policy.routes else 1
        yield Problem(line, "routing needs a last route without `when`, for everything the others leave")
    for index, route in enumerate(policy.routes):
        for name in route.reasons:
            if name not in reasons:
                yield Problem(
                    route.line,
                    f"route {route.name} waits for reason `{name}`, which no rule gives{meant(name, reasons)}",
                )
        for name in route.topics:
            if name not in topics:
                yield Problem(
                    route.line, f"route {route.name} waits for topic `{name}`, which is none{meant(name, topics)}"
                )
        covering = next((earlier for earlier in policy.routes[:index] if _covers(earlier, route)), None)
        if covering is not None:
            yield Problem(
                route.line,
                f"route {route.name} can never be reached: route {covering.name} (line {covering.line})"
                " takes everything it would",
            )


def _covers(earlier: Route, later: Route) -> bool:
    """Whether every ticket `later` would take is taken by `earlier`."""
    return (
        _within(later.reasons, earlier.reasons)
        and _within(later.topics, earlier.topics)
        and _within(later.channels, earlier.channels)
        and _within(later.tags_any, earlier.tags_any)
        and _begin_within(later.intents, earlier.intents)
        and _begin_within(later.locales, earlier.locales)
        and _values_within(later.attributes, earlier.attributes)
    )


def _within(later: tuple[str, ...], earlier: tuple[str, ...]) -> bool:
    return not earlier or (bool(later) and set(later) <= set(earlier))


def _begin_within(later: tuple[str, ...], earlier: tuple[str, ...]) -> bool:
    return not earlier or (bool(later) and all(is_under_any(value, earlier) for value in later))


def _values_within(later: Values, earlier: Values) -> bool:
    return all(
        name in later and (not values or (bool(later[name]) and set(later[name]) <= set(values)))
        for name, values in earlier.items()
    )
