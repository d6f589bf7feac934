"""Where a ticket goes: the first route all of whose conditions hold."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agents.policy.model import Route
from agents.policy.topics import has_all_values, has_any_tag, is_under_any
from streams.contracts.base import Scalar
from streams.contracts.escalation_commands import Routing

FALLBACK = Routing(rule="none")
"""Only for a policy without a default route, which loading refuses."""


class Facts(NamedTuple):
    """What routes look at. Never the customer's own words: those only name a topic of the policy."""

    reason: str
    intent: str | None
    topic: str | None
    locale: str | None
    channel: str | None
    tags: Sequence[str]
    attributes: Mapping[str, Scalar]


def choose(routes: Sequence[Route], facts: Facts) -> Routing:
    """The routing of the first route that takes `facts`."""
    for route in routes:
        if _takes(route, facts):
            return Routing(
                rule=route.name,
                group=route.group,
                priority=route.priority,
                tags=route.tags,
                response=route.response,
            )
    return FALLBACK


def _takes(route: Route, facts: Facts) -> bool:
    return (
        (not route.reasons or facts.reason in route.reasons)
        and (not route.intents or (facts.intent is not None and is_under_any(facts.intent, route.intents)))
        and (not route.topics or facts.topic in route.topics)
        and (not route.locales or (facts.locale is not None and is_under_any(facts.locale, route.locales)))
        and (not route.channels or facts.channel in route.channels)
        and (not route.tags_any or has_any_tag(facts.tags, route.tags_any))
        and has_all_values(facts.attributes, route.attributes)
    )
