"""A policy file is read whole, and every mistake in it is told with its line."""

# ruff: noqa: E501 -- tables are read along the line

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.policy.loading import load
from agents.policy.model import HOUR_MS, MINUTE_MS, LowConfidence, Own, Silence, TooManyTurns
from agents.policy.nodes import PolicyError
from streams.errors import Refused
from tests.support.talking import EXAMPLE, SIMPLE

RULES = """
version: 1
locales: [en]
rules:
  - reason: human_requested
{rules}
routing:
  - name: default
"""


def complaints(text: str) -> list[str]:
    """What loading `text` complains about, one line each."""
    with pytest.raises(PolicyError) as error:
        load(text, "policy.yaml")
    return str(error.value).splitlines()


def with_rule(text: str) -> list[str]:
    """What one more rule brings up."""
    indented = "\n".join(f"  {'- ' if number == 0 else '  '}{line}" for number, line in enumerate(text.splitlines()))
    return complaints(RULES.format(rules=indented))


def test_the_shipped_example_loads() -> None:
    policy = load(EXAMPLE, "example.yaml")
    assert policy.locales == ("en", "es", "de", "fr")
    assert policy.routes[-1].is_default
    silence = next(rule for rule in policy.rules if rule.reason == "silence")
    assert (silence.action, silence.params) == ("record", Silence(15 * MINUTE_MS))
    for item in (*policy.phrases.values(),):
        assert set(item.phrases) == {"en", "es", "de", "fr"}, item.name
    for topic in policy.topics:
        assert set(topic.words) == {"en", "es", "de", "fr"}, topic.name


def test_what_is_written_is_what_is_read() -> None:
    policy = load(SIMPLE, "policy.yaml")
    by_reason = {rule.reason: rule for rule in policy.rules}
    assert by_reason["low_confidence"].params == LowConfidence(0.5, 2)
    assert by_reason["too_many_turns"].params == TooManyTurns(4, 10 * MINUTE_MS)
    assert policy.idle_ms == 4 * HOUR_MS
    assert [rule.reason for rule in policy.rules][:2] == ["human_requested", "platform_escalated"]
    assert policy.routes[0].response is not None
    assert (policy.routes[0].response.within_minutes, policy.routes[0].response.calendar) == (240, "business_hours")


def test_the_message_names_file_line_and_place() -> None:
    assert with_rule("reason: low_confidence\nconfidence_below: 1.5") == [
        "policy.yaml:7: rules[1].confidence_below must be between 0 and 1"
    ]


def test_it_is_refused_in_one_line_for_each_mistake_and_all_at_once() -> None:
    text = (
        SIMPLE.replace("confidence_below: 0.5", "confidence_below: 2")
        .replace("turns: 4", "turns: 4000")
        .replace("group: Billing", "gruop: Billing")
    )
    lines = complaints(text)
    assert len(lines) == 3
    assert [line.split(":")[1] for line in lines] == sorted((line.split(":")[1] for line in lines), key=int)
    with pytest.raises(Refused):
        load(text, "policy.yaml")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("reason: low_confidence\nconfidence_below: much", "rules[1].confidence_below must be a number between 0 and 1"),
        ("reason: low_confidence\nconfidence_below: .nan", "rules[1].confidence_below must be a number between 0 and 1"),
        ("reason: low_confidence\nconfidence_below: 0", "rules[1].confidence_below can never be reached"),
        ("reason: low_confidence\nanswers: 0", "rules[1].answers must be a whole number between 1 and 16"),
        ("reason: low_confidence\nanswers: 1.5", "rules[1].answers must be a whole number"),
        ("reason: low_confidence\nconfidense_below: 0.5", "did you mean `confidence_below`?"),
        ("reason: too_many_turns\nturns: 33", "rules[1].turns must be a whole number between 2 and 32 (the last 64 turns"),
        ("reason: too_many_turns\nwithin: 10", "rules[1].within must be a time such as 90s, 15m, 4h or 2d"),
        ("reason: too_many_turns\nwithin: 10s", "rules[1].within must be between 1m and 2d"),
        ("reason: too_many_turns\nwithin: 9d", "rules[1].within must be between 1m and 2d"),
        ("reason: too_many_turns\nturns: 32\nwithin: 1m", "rules[1].within can never be reached: 32 messages"),
        ("reason: repetition\ncustomer_times: 1", "rules[1].customer_times must be a whole number between 2 and 8"),
        ("reason: repetition\ncustomer_times: 9", "rules[1].customer_times must be a whole number between 2 and 8"),
        ("reason: repetition\ncustomer_times: off\nai_times: off", "leaves nothing that could fire"),
        ("reason: repetition\nsimilarity: 0.2", "rules[1].similarity must be between 0.5 and 1"),
        ("reason: unresolved\non_verdict: false\non_end: false", "leaves nothing that could fire"),
        ("reason: unresolved\non_end: maybe", "rules[1].on_end must be true or false"),
        ("reason: silence\nafter: 4h", "rule silence can never fire: the episode ends after 4h idle, before 4h of silence"),
        ("reason: silence\naction: shout", "it must be one of transfer, record"),
        ("reason: silence\naction: transfr", "did you mean `transfer`?"),
        ("reason: silence\nby_locale: {de: {after: 5m}}", "names `de`, which is not among `locales`"),
        ("reason: silence\nby_locale: {de: {befor: 5m}}", "rules[1].by_locale.de.befor is not a name this version knows"),
        ("reason: human_requested", "rules[1] is a second rule for `human_requested`; the first is at line 5"),
        ("reason: human_request", "is no reason this version knows; did you mean `human_requested`?"),
        ("reason: weather", "a reason of your own needs `when`"),
        ("reason: Bad Name\nwhen: {tags: [x]}", "must be 2 to 40 of a-z, 0-9 and _"),
        ("reason: own\nwhen: {}", "rules[1].when needs a condition"),
        ("reason: own\nwhen: {tag: [x]}", "did you mean `tags`?"),
        ("reason: own\nwhen: {phrases: [nothing]}", "rule own uses phrases `nothing`, which is no list here"),
        ("reason: own\nwhen: {topics: [nothing]}", "rule own waits for topic `nothing`, which is none"),
        ("reason: own\nwhen: {rating_at_most: 5}", "rules[1].when.rating_at_most must be a whole number between 1 and 4"),
        ("reason: own\nwhen: {rating_at_most: 2, phrases: [x]}", "can never hold together with `phrases`"),
        ("reason: own\nwhen: {attributes: {plan: []}}", "must name at least one value, or `any`"),
        ("reason: trigger_phrase", "rules[1] needs `phrases`: the lists whose phrases trigger it"),
        ("reason: trigger_phrase\nphrases: []", "rules[1].phrases must name at least one"),
        ("- nested", "rules[1] must be a mapping with a `reason`"),
        ("reason: [a]", "rules[1].reason must be text"),
        ("reason: silence\nreason: silence", "rules[1].reason is given twice"),
        ("reason: silence\n? {a: b}\n: c", "has a name that is not plain text"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused(rule: str, message: str) -> None:
    assert any(message in line for line in with_rule(rule)), with_rule(rule)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version: 1", "version: 2", "version must be 1 (the only version this build reads)"),
        ("version: 1\n", "", "the policy needs `version`"),
        ("locales: [en, de]", "locales: [en, en]", "locales names a language twice"),
        ("locales: [en, de]", "locales: [en, de-DE]", "languages are named as `en` or `de`, without a country"),
        ("locales: [en, de]", "locales: [en]", "phrases.legal names `de`, which is not among `locales`"),
        ("episode: {idle: 4h}", "episode: {idle: 1m}", "episode.idle must be between 5m and 2d"),
        ("episode: {idle: 4h}", "episode: {}", "episode needs `idle`"),
        ("phrases:\n", "phrases:\n  unused: {en: [a thing]}\n", "phrases.unused is used by no rule"),
        ("[my lawyer, lawsuit]", "[my lawyer, my lawyer]", "phrases.legal.en holds a phrase twice"),
        ("[my lawyer, lawsuit]", "['*']", "phrases.legal.en[0] has a `*` that does not stand at the end of a word"),
        ("[my lawyer, lawsuit]", "[the]", "phrases.legal.en[0] would match nearly every message"),
        ("[my lawyer, lawsuit]", "[my lawyer, '!?']", "phrases.legal.en[1] holds no word to look for"),
        ("[my lawyer, lawsuit]", "[my lawyer, '/(a+)+b/']", "phrases.legal.en[1] is too costly"),
        ("{en: [my lawyer, lawsuit], de: [anwalt*]}", "[my lawyer]", "phrases.legal must be by language"),
        ("  - name: technical\n    tags", "  - name: billing\n    tags", "topics[1] is named `billing` like the one at line"),
        ("  - name: technical\n    tags: [bug]\n    attributes: {area: [device]}\n    words: {en: [crash*, error]}\n",
         "  - name: technical\n", "topics[1] can never match"),
        ("  - name: default\n    group: Support\n", "", "routing needs a last route without `when`"),
        ("when: {topic: technical}", "when: {topic: tecnical}",
         "route technical waits for topic `tecnical`, which is none; did you mean `technical`?"),
        ("when: {topic: technical}", "when: {reason: human}", "route technical waits for reason `human`, which no rule gives"),
        ("when: {topic: technical}", "when: {topic: billing, channel: web}",
         "route technical can never be reached: route billing (line"),
        ("when: {topic: technical}", "when: {locale: fr}", "route technical names `fr`, which is not among `locales`"),
        ("when: {topic: technical}", "when: {}", "routing[1].when is empty"),
        ("when: {topic: technical}\n", "\n", "route default can never be reached: route technical"),
        ("priority: high", "priority: highest", "it must be one of low, normal, high, urgent; did you mean `high`?"),
        ("response: {within: 4h, calendar: business_hours}", "response: {calendar: x}", "needs either `within` (e.g. 4h)"),
        ("response: {within: 4h, calendar: business_hours}", "response: {within: 4h, within_minutes: 5}", "needs either"),
        ("response: {within: 4h, calendar: business_hours}", "response: {within_minutes: 0}",
         "response.within_minutes must be a whole number between 1 and 43200"),
        ("response: {within: 4h, calendar: business_hours}", "tags: [Über Tag]", "a tag is lower case, without spaces"),
        ("routing:", "rooting:", "rooting is not a name this version knows; did you mean `routing`?"),
        ("rules:", "rules: nothing\nother:", "rules must be a list"),
    ],
)  # fmt: skip
def test_a_wrong_policy_is_refused(old: str, new: str, message: str) -> None:
    assert old in SIMPLE
    lines = complaints(SIMPLE.replace(old, new, 1))
    assert any(message in line for line in lines), lines


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "policy.yaml:1: the policy is empty"),
        ("just text", "policy.yaml:1: the policy must be a mapping"),
        ("a: [1, 2", "policy.yaml:1: is not YAML"),
        ("version: 1\nlocales: &x [en]\nrules: *x", "policy.yaml:2: anchors and aliases (& and *) are not read here"),
        ("version: !!python/object:os.system 1", "policy.yaml:1: tags (!) are not read here"),
        ("a: b\n\tc: d", "policy.yaml:2: is not YAML"),
        ("#" * 1_000_001, "is longer than 1000000 characters"),
        ("[" * 5_000, "policy.yaml:1: is nested too deeply"),
        ("version: \x00", "is not YAML"),
    ],
)
def test_what_is_no_policy_at_all_is_refused(text: str, message: str) -> None:
    assert any(message in line for line in complaints(text))


TENANTS = """
tenants:
  acme:
    locales: [en]
    phrases:
      legal: {en: [solicitor]}
    rules:
      low_confidence: {confidence_below: 0.3}
      silence: {action: transfer, after: 30m}
      too_many_turns: {enabled: false}
"""


def test_a_tenant_has_what_it_changes_and_the_rest_in_common() -> None:
    text = SIMPLE.replace(", de: [anwalt*]", "")
    policy = load(text + TENANTS, "policy.yaml")
    own = {rule.reason: rule for rule in policy.of("acme").rules}
    common = {rule.reason: rule for rule in policy.of("other").rules}
    assert own["low_confidence"].params == LowConfidence(0.3, 2)
    assert common["low_confidence"].params == LowConfidence(0.5, 2)
    assert (own["silence"].action, own["silence"].params) == ("transfer", Silence(30 * MINUTE_MS))
    assert "too_many_turns" not in own
    assert policy.of("acme").phrases["legal"].phrases["en"] == ("my lawyer", "lawsuit", "solicitor")
    assert policy.of("acme").routes == policy.routes


@pytest.mark.parametrize(
    ("section", "message"),
    [
        (
            "rules: {low_confidense: {answers: 3}}",
            "changes a rule the file does not have; did you mean `low_confidence`?",
        ),
        ("rules: {low_confidence: {answers: 300}}", "tenants.acme.rules.low_confidence.answers must be a whole number"),
        ("rules: {human_requested: {enabled: false}, too_many_turns: {enabled: 5}}", "enabled must be true or false"),
        ("routing: [{name: only, when: {channel: web}}]", "routing needs a last route without `when`"),
        ("locales: [en]", "phrases.legal names `de`, which is not among `locales`"),
        ("mode: live", "tenants.acme.mode is not a name this version knows"),
    ],
)
def test_a_wrong_change_of_a_tenant_is_refused(section: str, message: str) -> None:
    lines = complaints(f"{SIMPLE}\ntenants:\n  acme:\n    {section}\n")
    assert any(message in line for line in lines), lines
    assert all("policy.yaml:" in line for line in lines)


def test_a_tenant_needs_a_name_a_record_key_can_hold() -> None:
    assert any("is no tenant id" in line for line in complaints(f"{SIMPLE}\ntenants:\n  Acme GmbH: {{}}\n"))


def test_an_own_reason_keeps_its_conditions() -> None:
    text = RULES.format(
        rules="  - reason: vip\n    action: record\n    channels: [web, email]\n"
        "    when: {attributes: {plan: [gold, 2], account: any}, tags: vip, customer_turns: 3}"
    )
    rule = load(text, "p").rules[1]
    assert rule.channels == ("web", "email")
    assert rule.params == Own(tags=("vip",), attributes={"plan": ("gold", 2), "account": ()}, customer_turns=3)


@given(st.text(st.sampled_from("abc: -[]{}\n \"'*&!|>#%@,?0129.ruleslocalesversion"), max_size=200))
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        load(text, "policy.yaml")
    except PolicyError as error:
        assert error.problems
        assert all(problem.line >= 1 for problem in error.problems)


@given(st.data())
def test_no_line_left_out_breaks_the_reading(data: st.DataObject) -> None:
    lines = SIMPLE.splitlines()
    gone = data.draw(st.sets(st.integers(0, len(lines) - 1), min_size=1, max_size=5))
    text = "\n".join(line for number, line in enumerate(lines) if number not in gone)
    try:
        load(text, "policy.yaml")
    except PolicyError as error:
        assert error.problems


def test_the_example_ships_with_the_package() -> None:
    assert (Path("agents/policy") / "example.yaml").is_file()
