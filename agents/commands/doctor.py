"""`handoff doctor`: what is wrong, and what to do about it, before a customer finds out."""

import argparse
import asyncio
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agents.commands.examining.broker import examine_broker
from agents.commands.examining.platforms import examine_platform
from agents.commands.examining.setups import Setup
from agents.commands.examining.tenant import examine_helpdesk, examine_settings
from agents.commands.examining.webhooks import look
from agents.commands.hosts import host_rules
from agents.commands.options import add_config, settings_of
from agents.helpdesks.finding import Finding
from agents.outbound import Http
from agents.outbound_aiohttp import AiohttpClient
from agents.settings import Settings
from agents.settings_file import DEFAULT_PATH
from streams.clock import Clock, SystemClock
from streams.errors import Refused

_ABOUT = """\
Looks at the configuration, the brokers and their topics, each tenant's helpdesk account and chat platforms, and says
what is wrong and what to do. It only reads. Last come the webhooks and triggers still to be pasted. Exit code 1: there
is an error."""

_NO_URL = "https://<your gateway>"


@dataclass(frozen=True)
class Section:
    """Findings about one thing; `paste` what has to be set up at a platform still, with its address."""

    title: str
    findings: tuple[Finding, ...]
    paste: tuple[tuple[str, Setup], ...] = ()


def add(commands: Any) -> None:
    """Register the subcommand."""
    parser = commands.add_parser("doctor", help="what is wrong, and what to do about it", description=_ABOUT)
    add_config(parser)
    parser.add_argument("--tenant", metavar="ID", help="only this tenant (default: all)")
    parser.add_argument("--offline", action="store_true", help="look at the configuration alone, call nobody")
    parser.add_argument("--json", action="store_true", help="one JSON line per finding")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the sections; 1 when one holds an error."""
    settings = settings_of(arguments)
    if arguments.tenant is not None and arguments.tenant not in settings.tenants:
        raise Refused(f"no tenant `{arguments.tenant}`; there are: {', '.join(settings.tenants) or 'none'}")
    name = arguments.config or (DEFAULT_PATH if Path(DEFAULT_PATH).exists() else "built-in defaults")
    sections = [_configuration(name, settings)]
    sections += asyncio.run(_all(settings, arguments.tenant, offline=arguments.offline))
    _print_json(sections) if arguments.json else _print(sections)
    return 1 if any(finding.level == "error" for section in sections for finding in section.findings) else 0


def _configuration(name: str, settings: Settings) -> Section:
    found = [Finding("ok", "file", f"{name}: {len(settings.tenants)} tenants")]
    if not settings.tenants:
        found.append(Finding("warn", "tenants", "none: nothing can come in", "add one below `tenants`"))
    return Section("configuration", tuple(found))


async def _all(settings: Settings, only: str | None, *, offline: bool) -> list[Section]:
    names = [name for name in settings.tenants if only in {None, name}]
    if offline:
        return [Section(f"tenant {name}", tuple(_settings_of(name, settings))) for name in names]
    sections = [Section("brokers", tuple(await asyncio.to_thread(examine_broker, settings)))]
    client = AiohttpClient(host_rules(settings.outbound))
    try:
        for name in names:
            sections += await examine_tenant(name, settings, client, SystemClock())
    finally:
        await client.close()
    return sections


def _settings_of(name: str, settings: Settings) -> list[Finding]:
    return examine_settings(name, settings.tenants[name], settings)


async def examine_tenant(name: str, settings: Settings, http: Http, clock: Clock) -> list[Section]:
    """The tenant's own section, one for its helpdesk, and one for each platform."""
    tenant = settings.tenants[name]
    own = _settings_of(name, settings)
    sections = [Section(f"tenant {name}", tuple(own))]
    wrong = tuple(finding.text for finding in own if finding.subject == "configuration")
    if tenant.helpdesk is not None and not _about(wrong, f"tenants.{name}.helpdesk"):
        found = await examine_helpdesk(name, tenant, http, clock)
        sections.append(Section(f"tenant {name}, helpdesk {tenant.helpdesk.name}", tuple(found)))
    for platform in tenant.platforms:
        if _about(wrong, f"tenants.{name}.platforms.{platform}"):
            continue
        found = await examine_platform(platform, name, tenant, http)
        looked = await look(platform, name, tenant, http, clock)
        paste = tuple((_url(settings, setup.path_for(platform, name)), setup) for setup in looked.paste)
        sections.append(Section(f"tenant {name}, {platform}", (*found, *looked.findings), paste))
    return sections


def _about(lines: Iterable[str], place: str) -> bool:
    """Whether one of the configuration's faults is about `place`: what is wrong is not asked with."""
    return any(line.startswith((f"{place}:", f"{place}.")) for line in lines)


def _url(settings: Settings, path: str) -> str:
    return (settings.gateway.public_url or _NO_URL).rstrip("/") + path


def _print(sections: Iterable[Section]) -> None:
    counts = {"ok": 0, "warn": 0, "error": 0}
    for section in sections:
        print(section.title)
        for finding in section.findings:
            counts[finding.level] += 1
            remedy = f"\n         do: {finding.remedy}" if finding.remedy else ""
            print(f"  {finding.level:5}  {finding.subject}: {finding.text}{remedy}")
        for url, setup in section.paste:
            print(f"  paste  {url}")
            print(f"         at: {setup.where}")
            print(f"         proven by: {setup.proof}")
            if setup.subscriptions:
                print(f"         subscribe to: {', '.join(setup.subscriptions)}")
            if setup.body:
                print("\n".join(f"         | {line}" for line in setup.body.splitlines()))
        print()
    print(f"{counts['error']} errors, {counts['warn']} warnings, {counts['ok']} fine")


def _print_json(sections: Iterable[Section]) -> None:
    for section in sections:
        for finding in section.findings:
            print(json.dumps({"section": section.title} | asdict(finding), ensure_ascii=False))
        for url, setup in section.paste:
            row = {"section": section.title, "level": "paste", "url": url} | asdict(setup)
            print(json.dumps({name: value for name, value in row.items() if name != "path"}, ensure_ascii=False))
