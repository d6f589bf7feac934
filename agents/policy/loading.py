"""A policy file into a `Policy`, or everything that is wrong with it, line by line."""

import re
from collections.abc import Mapping
from dataclasses import replace

from agents.policy import checks
from agents.policy.model import DEFAULT_IDLE_MS, MINUTE_MS, PhraseList, Policy, Rule
from agents.policy.nodes import Entry, PolicyError, Problem, meant, parse
from agents.policy.routing_section import read_phrases, read_routes, read_topics
from agents.policy.rules_section import DAY_MS, parameter_names, read_rules, with_fields

VERSION = 1

_TOP = {"version", "locales", "episode", "phrases", "rules", "topics", "routing", "tenants"}
_TENANT = {"locales", "episode", "phrases", "rules", "topics", "routing"}
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_TENANT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def load(text: str, filename: str) -> Policy:
    """The policy in `text`; `filename` is only for the complaints of `PolicyError`."""
    problems: list[Problem] = []
    top = parse(text, filename, problems)
    fields = top.fields(known=_TOP, required=("version", "locales", "rules", "routing"))
    if "version" in fields:
        fields["version"].integer(VERSION, VERSION, VERSION, "the only version this build reads")
    common = Policy(
        version=VERSION,
        locales=_read_locales(fields["locales"]) if "locales" in fields else (),
        rules=read_rules(fields["rules"]) if "rules" in fields else (),
        routes=read_routes(fields["routing"]) if "routing" in fields else (),
        topics=read_topics(fields["topics"]) if "topics" in fields else (),
        phrases=read_phrases(fields["phrases"]) if "phrases" in fields else {},
        idle_ms=_read_idle(fields["episode"], DEFAULT_IDLE_MS) if "episode" in fields else DEFAULT_IDLE_MS,
    )
    tenants: dict[str, Policy] = {}
    if "tenants" in fields:
        for name, entry in fields["tenants"].fields().items():
            if not _TENANT_ID.fullmatch(name):
                entry.complain("is no tenant id: lower case, digits, `_` and `-`")
            tenants[name] = _read_tenant(entry, common)
    if not problems:
        problems.extend(checks.check(common))
        for policy in tenants.values():
            problems.extend(problem for problem in checks.check(policy) if problem not in problems)
    if problems:
        raise PolicyError(filename, problems)
    return replace(common, tenants=tenants)


def _read_locales(entry: Entry) -> tuple[str, ...]:
    locales = entry.texts()
    for locale in locales:
        if not _LANGUAGE.fullmatch(locale):
            entry.complain(f"holds '{locale}': languages are named as `en` or `de`, without a country")
    if len(set(locales)) < len(locales):
        entry.complain("names a language twice")
    return locales


def _read_idle(entry: Entry, default_ms: int) -> int:
    fields = entry.fields(known={"idle"}, required=("idle",))
    if "idle" not in fields:
        return default_ms
    return fields["idle"].duration_ms(5 * MINUTE_MS, 2 * DAY_MS, default_ms)


def _read_tenant(entry: Entry, common: Policy) -> Policy:
    """The common policy with what this tenant has of its own: lists replace, rules and phrases add."""
    fields = entry.fields(known=_TENANT)
    return replace(
        common,
        locales=_read_locales(fields["locales"]) if "locales" in fields else common.locales,
        rules=_override_rules(fields["rules"], common.rules) if "rules" in fields else common.rules,
        routes=read_routes(fields["routing"]) if "routing" in fields else common.routes,
        topics=read_topics(fields["topics"]) if "topics" in fields else common.topics,
        phrases=_add_phrases(fields["phrases"], common.phrases) if "phrases" in fields else common.phrases,
        idle_ms=_read_idle(fields["episode"], common.idle_ms) if "episode" in fields else common.idle_ms,
    )


def _override_rules(entry: Entry, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    if entry.is_list:
        return read_rules(entry)
    known = {rule.reason: rule for rule in rules}
    changed = dict(known)
    for reason, item in entry.fields().items():
        if reason not in known:
            item.complain(f"changes a rule the file does not have{meant(reason, known)}")
            continue
        fields = item.fields(known={"enabled", "action", "channels", "by_locale"} | parameter_names(reason))
        if "enabled" in fields and not fields.pop("enabled").flag(default=True):
            del changed[reason]
        else:
            changed[reason] = replace(with_fields(known[reason], fields), line=item.line)
    return tuple(changed.values())


def _add_phrases(entry: Entry, common: Mapping[str, PhraseList]) -> dict[str, PhraseList]:
    merged = dict(common)
    for name, own in read_phrases(entry).items():
        if name not in common:
            merged[name] = own
            continue
        phrases = dict(common[name].phrases)
        for language, texts in own.phrases.items():
            phrases[language] = (*phrases.get(language, ()), *texts)
        merged[name] = PhraseList(name, phrases, own.line)
    return merged
