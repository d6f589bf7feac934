"""Policies as the processes and the pipe use them: read, checked, compiled, with the tenant's mode of the moment."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from agents.escalation.decision import Rules
from agents.policy.compiled import CompiledPolicy, compile_policy
from agents.policy.loading import load
from agents.policy.nodes import PolicyError
from agents.settings import TenantBook
from streams.contracts.escalation_commands import Mode
from streams.errors import Refused

EXAMPLE = "agents/policy/example.yaml"
MAX_POLICY_BYTES = 1024 * 1024


@dataclass(frozen=True)
class PolicyText:
    """A policy file and its fingerprint."""

    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Of the text in UTF-8: the key of `policy.versions`."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_policy(path: str | None) -> PolicyText:
    """The policy at `path`, or the shipped example; `Refused` in one line when it cannot be read."""
    if path is None:
        return PolicyText(EXAMPLE, (files("agents.policy") / "example.yaml").read_text(encoding="utf-8"))
    try:
        file = Path(path)
        if file.stat().st_size > MAX_POLICY_BYTES:
            raise Refused(f"{path}: larger than {MAX_POLICY_BYTES} bytes")
        return PolicyText(path, file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise Refused(f"{path}: not UTF-8") from None


@lru_cache(maxsize=64)
def compiled(policy: PolicyText, tenant: str) -> CompiledPolicy:
    """The policy for `tenant`; `Refused` with every problem, each with its line."""
    try:
        return compile_policy(load(policy.text, policy.name), tenant)
    except PolicyError as error:
        raise Refused(str(error)) from None


class RuleBook:
    """The rules of every tenant: policies as they were at the start, mode and share as they are now."""

    def __init__(self, tenants: TenantBook, own_sentences: tuple[str, ...]) -> None:
        """Reads and compiles every tenant's policy; `Refused` when one is wrong."""
        self._tenants = tenants
        self._own_sentences = own_sentences
        self._policies: dict[str, tuple[PolicyText, CompiledPolicy]] = {}
        self._rules: dict[tuple[str, Mode, float], Rules] = {}
        for name in tenants.names():
            settings = tenants.get(name)
            if settings is not None:
                policy = read_policy(settings.policy)
                self._policies[name] = (policy, compiled(policy, name))

    @property
    def texts(self) -> dict[str, str]:
        """sha256 to text, of every policy in use."""
        return {policy.sha256: policy.text for policy, _ in self._policies.values()}

    def rules_for(self, tenant: str) -> Rules | None:
        """The tenant's rules now; None where there is no such tenant."""
        settings = self._tenants.get(tenant)
        if settings is None or tenant not in self._policies:
            return None
        key = (tenant, settings.mode, settings.share)
        rules = self._rules.get(key)
        if rules is None:
            policy, made = self._policies[tenant]
            rules = self._rules[key] = Rules(
                policy=made,
                sha256=policy.sha256,
                mode=settings.mode,
                share=settings.share,
                own_sentences=self._own_sentences,
            )
        return rules
