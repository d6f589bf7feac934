"""The first route that takes a ticket has it; topics come from the surest source."""

import pytest

from agents.policy.model import Route, Topic
from agents.policy.routing import Facts, choose
from agents.policy.topics import Named, Subject, is_under_any, subject
from streams.contracts.base import Scalar

FACTS = Facts(
    reason="unresolved", intent="billing.refund", topic="billing", locale="de-AT", channel="web", tags=("VIP",),
    attributes={"plan": "Gold", "age": 3, "beta": True},
)  # fmt: skip


@pytest.mark.parametrize(
    ("route", "taken"),
    [
        (Route("r"), True),
        (Route("r", reasons=("silence", "unresolved")), True),
        (Route("r", reasons=("silence",)), False),
        (Route("r", intents=("billing",)), True),
        (Route("r", intents=("Billing.Refund",)), True),
        (Route("r", intents=("bill",)), False),
        (Route("r", topics=("billing",)), True),
        (Route("r", topics=("technical",)), False),
        (Route("r", locales=("de",)), True),
        (Route("r", locales=("de-at",)), True),
        (Route("r", locales=("de-CH", "en")), False),
        (Route("r", channels=("web", "email")), True),
        (Route("r", channels=("email",)), False),
        (Route("r", tags_any=("vip", "new")), True),
        (Route("r", tags_any=("new",)), False),
        (Route("r", attributes={"plan": ("gold",)}), True),
        (Route("r", attributes={"plan": ()}), True),
        (Route("r", attributes={"age": ("3",)}), True),
        (Route("r", attributes={"beta": ("true",)}), True),
        (Route("r", attributes={"plan": ("gold",), "age": (4,)}), False),
        (Route("r", attributes={"missing": ()}), False),
        (Route("r", reasons=("unresolved",), channels=("email",)), False),
    ],
)
def test_a_route_takes_what_all_its_conditions_hold_for(route: Route, taken: bool) -> None:
    assert (choose([route, Route("default")], FACTS).rule == "r") is taken


def test_the_first_of_several_routes_is_taken_with_all_it_says() -> None:
    routing = choose([Route("a", group="A", priority="high", tags=("t",)), Route("b")], FACTS)
    assert (routing.rule, routing.group, routing.priority, routing.tags) == ("a", "A", "high", ("t",))


def test_nothing_known_is_no_match() -> None:
    nothing = Facts("silence", None, None, None, None, (), {})
    for route in (Route("r", intents=("a",)), Route("r", locales=("de",)), Route("r", channels=("web",))):
        assert choose([route, Route("default")], nothing).rule == "default"


@pytest.mark.parametrize(
    ("value", "beginnings", "holds"),
    [
        ("billing", ["billing"], True), ("billing.refund", ["billing"], True), ("billing_refund", ["billing"], True),
        ("billing/refund", ["billing"], True), ("billings", ["billing"], False), ("BILLING-x", ["billing"], True),
        ("x", [], False), ("bill", ["billing"], False),
    ],
)  # fmt: skip
def test_an_intent_is_under_its_beginning(value: str, beginnings: list[str], holds: bool) -> None:
    assert is_under_any(value, beginnings) is holds


TOPICS = (
    Topic("billing", intents=("money",), attributes={"department": ("billing",)}, tags=("pay",), words={"en": ("x",)}),
    Topic("technical", attributes={"area": ()}, tags=("bug",), words={"en": ("y",)}),
)


@pytest.mark.parametrize(
    ("intent", "attributes", "tags", "named", "expected"),
    [
        ("money.back", {"area": "x"}, ["bug"], [("technical", 9)], ("money.back", "platform", "billing")),
        ("weather", {"area": "x"}, [], [("billing", 1)], ("weather", "platform", "technical")),
        (None, {"area": "x"}, ["pay"], [("billing", 1)], ("technical", "attribute", "technical")),
        (None, {"department": "Billing", "area": "x"}, [], [], ("billing", "attribute", "billing")),
        (None, {}, ["BUG"], [("billing", 1)], ("technical", "tag", "technical")),
        (None, {}, [], [("billing", 1), ("technical", 2)], ("technical", "words", "technical")),
        (None, {}, [], [("technical", 2), ("billing", 2)], ("billing", "words", "billing")),
        (None, {}, [], [], (None, None, None)),
        (None, {}, [], [("gone", 5)], (None, None, None)),
    ],
)
def test_the_surest_source_wins(
    intent: str | None,
    attributes: dict[str, Scalar],
    tags: list[str],
    named: list[tuple[str, int]],
    expected: tuple[str | None, str | None, str | None],
) -> None:
    hits = [Named(topic, times, f"e-{topic}", f"span-{topic}") for topic, times in named]
    found = subject(TOPICS, intent=intent, attributes=attributes, tags=tags, named=hits)
    assert found[:3] == expected
    if expected[1] == "words":
        assert found == Subject(*expected, f"e-{expected[2]}", f"span-{expected[2]}")
