"""Shipped configurations, read as a process would, with the secrets they name made up."""

import re
from pathlib import Path

from agents.settings import Settings
from agents.settings_file import load

_FILE = re.compile(r"file:(/[^\s\"',\]]+)")
_ENV = re.compile(r"env:([A-Z_]+)")
MADE_UP = "bm90LWEtc2VjcmV0LW9ubHktZm9yLXRlc3Rz"
POLICY = "/etc/handoff-policy/policy.yaml"


def read(path: Path, folder: Path) -> Settings:
    """The settings of `path`; its `file:` values are made in `folder`, its policy is the shipped example."""
    text = path.read_text()
    environ = dict.fromkeys(_ENV.findall(text), f"whsec_{MADE_UP}")
    for name in set(_FILE.findall(text)):
        made = folder / name.lstrip("/")
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(f"whsec_{MADE_UP}\n")
        text = text.replace(f"file:{name}", f"file:{made}")
    text = text.replace(POLICY, str(Path("agents/policy/example.yaml").resolve()))
    copy = folder / path.name
    copy.write_text(text)
    return load(copy, environ=environ)
