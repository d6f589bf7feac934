"""What is wrong with a configuration beyond its form: names, options, addresses, calendars, texts, policies.

Every hop refuses to start on it, so that nobody finds out from a customer; `handoff doctor` shows all of it.
"""

import difflib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError

from agents.commands.hosts import host_rules
from agents.commands.policies import compiled, read_policy
from agents.helpdesks.registry import wrong_options
from agents.notifier.phrasebooks import Phrasebooks, load_shipped
from agents.notifier.posting import check_sender
from agents.outbound import NotSent
from agents.outbound_hosts import HostRules
from agents.platforms.registry import NAMES, inbound
from agents.settings import KafkaSettings, Settings, TenantSettings
from streams.errors import Refused
from streams.kafka.connection import DELIVERY_TIMEOUT_MS

_CONVERSATION = "{conversation_id}"


def refuse_wrong(settings: Settings) -> None:
    """Return when nothing is wrong, else `Refused` in one line."""
    found = list(wrong(settings))
    if found:
        more = f" (and {len(found) - 1} more: `handoff doctor` shows them)" if len(found) > 1 else ""
        raise Refused(found[0] + more)


def wrong(settings: Settings) -> Iterator[str]:
    """One line per fault, each beginning with its place; values are left out, they may be secrets."""
    yield from of_kafka(settings.kafka)
    rules, books = host_rules(settings.outbound), Phrasebooks(load_shipped())
    for name, tenant in settings.tenants.items():
        yield from of_tenant(name, tenant, rules, books)


def of_kafka(kafka: KafkaSettings) -> Iterator[str]:
    """A trial, on one copy of everything, may do what a cluster may not."""
    if kafka.embedded or kafka.replication_factor == 1:
        return
    if kafka.session_timeout_ms <= DELIVERY_TIMEOUT_MS:
        yield (
            f"kafka.session_timeout_ms: {kafka.session_timeout_ms} is not above the delivery timeout of "
            f"{DELIVERY_TIMEOUT_MS}: a writer that cannot deliver would outlive its partitions"
        )
    if kafka.min_insync_replicas > kafka.replication_factor:
        yield (
            f"kafka.min_insync_replicas: {kafka.min_insync_replicas} of {kafka.replication_factor} copies: no record "
            "would be taken at all"
        )


def of_tenant(name: str, tenant: TenantSettings, rules: HostRules, books: Phrasebooks) -> Iterator[str]:
    """The same for one tenant."""
    yield from _platforms(f"tenants.{name}.platforms", tenant, rules)
    yield from _helpdesk(f"tenants.{name}.helpdesk", tenant, rules)
    yield from _refused(partial(books.check, name, tenant))
    yield from _refused(partial(check_sender, name, tenant))
    yield from (f"tenants.{name}.policy: {line}" for line in _refused(partial(_compile, name, tenant)))


def _compile(name: str, tenant: TenantSettings) -> None:
    compiled(read_policy(tenant.policy), name)


def _platforms(where: str, tenant: TenantSettings, rules: HostRules) -> Iterator[str]:
    for name, platform in tenant.platforms.items():
        if name not in NAMES:
            close = difflib.get_close_matches(name, NAMES, n=1)
            meant = f"; did you mean `{close[0]}`?" if close else f"; one of: {', '.join(NAMES)}"
            yield f"{where}.{name}: there is no such platform{meant}"
            continue
        model = getattr(inbound(name), "options_model", None)
        if model is not None:
            yield from (f"{where}.{name}.options.{line}" for line in wrong_model(model, platform.options))
        yield from (f"{where}.{name}.options.{line}" for line in _addresses(platform.options, rules))


def wrong_model(model: type[BaseModel], options: Mapping[str, Any]) -> list[str]:
    """What `model` finds wrong with `options`, one line each, without their values."""
    try:
        model.model_validate(dict(options))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        return [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in faults]
    return []


def _helpdesk(where: str, tenant: TenantSettings, rules: HostRules) -> Iterator[str]:
    helpdesk = tenant.helpdesk
    if helpdesk is None:
        return
    yield from (f"{where}.{line}" for line in wrong_options(helpdesk.name, helpdesk.options))
    yield from (f"{where}.{line}" for line in _addresses({"base_url": helpdesk.base_url}, rules))


def _addresses(options: Mapping[str, Any], rules: HostRules) -> Iterator[str]:
    """Every `…_url` has to be one that may be called, however deep it stands."""
    for key, value in options.items():
        if isinstance(value, Mapping):
            yield from (f"{key}.{line}" for line in _addresses(value, rules))
        elif key.endswith("_url") and isinstance(value, str):
            try:
                rules.check(value.replace(_CONVERSATION, "x"))
            except NotSent:
                yield f"{key}: may not be called: https alone, no credentials in it, its host in `outbound.allow_hosts`"


def _refused(check: Callable[[], None]) -> Iterator[str]:
    try:
        check()
    except Refused as refused:
        yield from str(refused).splitlines()
