"""What operators write: the policy and the settings. Their complaints go to whoever wrote the file, and to the log."""

import json
import re
import tempfile
from pathlib import Path

import yaml
from hypothesis import strategies as st

from agents.notifier.template_file import read_overrides
from agents.policy.loading import load as load_policy
from agents.settings_file import load_with_files
from streams.errors import Refused
from tests.fuzz.mutation import broken, text_bytes
from tests.fuzz.target import Broke, Target

_ROOT = Path(__file__).parents[2]
_POLICY = (_ROOT / "agents/policy/example.yaml").read_bytes()
_SETTINGS = (_ROOT / "deploy/example/handoff.yaml").read_bytes()
_SECRET = "geheimniskraemer"
_SECRETS = f"""\
kafka: {{security: {{sasl.password: {_SECRET}}}}}
tenants:
  acme:
    platforms:
      intercom: {{secrets: [{_SECRET}], tokens: {{access_token: '{_SECRET}'}}, own_ids: [1, 2]}}
    helpdesk: {{name: zendesk, base_url: https://acme.zendesk.com, tokens: {{api_token: {_SECRET}}}}}
    email: {{from_address: help@acme.example}}
notifier: {{smtp: {{host: mail, password: {_SECRET}}}}}
""".encode()


def _names(data: bytes, word: str) -> bool:
    """Whether `word` stands in the file as a name, before a colon or after `env:`: names are told, to find slips by."""
    if re.search(rf"(env|file):.*{word}", data.decode("utf-8", "replace")):
        return True
    try:
        nodes = [yaml.compose(data)]
    except (yaml.YAMLError, RecursionError, ValueError):
        return False
    for node in nodes:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        if any(word in str(key.value) for key, _ in pairs):
            return True
        nodes += [item for item in (value for _, value in pairs) if item not in nodes]
        nodes += [item for item in (node.value if isinstance(node, yaml.SequenceNode) else []) if item not in nodes]
    return False


def _small_policy() -> bytes:
    wanted = {"version": 1, "locales": ["en"], "rules": [{"reason": "human_requested"}], "routing": [{"to": "support"}]}
    return json.dumps(wanted).encode()


def _policy(data: bytes) -> str:
    policy = load_policy(data.decode("utf-8", "replace"), "policy.yaml")
    return f"{min(len(policy.rules), 3)} rules"


def _settings(data: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "handoff.yaml"
        path.write_bytes(data)
        try:
            loaded = load_with_files(path, environ={})
        except Refused as refused:
            if "\n" in str(refused):
                raise Broke("a complaint is one line") from None
            if _SECRET in str(refused) and not _names(data, _SECRET):
                raise Broke("a complaint repeats a secret") from None
            raise
        if _SECRET in repr(loaded.settings) and not _names(data, _SECRET):
            raise Broke("a secret prints itself")
        return "read"


def _templates(data: bytes) -> str:
    sheets = read_overrides(data.decode("utf-8", "replace"), "templates.yaml", shipped=frozenset({"en", "de"}))
    return "some" if sheets else "none"


_WORDING = b"en:\n  opened: {default: 'Ticket {ticket}, {brand}'}\n  mail: {subject: 'About {brand}'}\n"

TARGETS = (
    Target(
        "policy",
        st.one_of(broken([_POLICY, _small_policy()]), text_bytes([_small_policy()])),
        _policy,
        (Refused,),
        told_apart=False,
    ),
    Target(
        "settings",
        st.one_of(broken([_SETTINGS, _SECRETS]), text_bytes([_SECRETS])),
        _settings,
        (Refused,),
        told_apart=False,
    ),
    Target(
        "templates", st.one_of(broken([_WORDING]), text_bytes([_WORDING])), _templates, (Refused,), told_apart=False
    ),
)
