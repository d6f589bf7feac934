"""Whether the groups a policy names lead anywhere at the helpdesk. Pure."""

from collections.abc import Mapping

from agents.helpdesks.finding import Finding
from agents.helpdesks.port import Account
from agents.helpdesks.safe_text import one_line


def group_findings(account: Account, policy_groups: tuple[str, ...], known: Mapping[int, str]) -> list[Finding]:
    """One finding per group of the policy and per mapping that leads nowhere; `known` are the helpdesk's own."""
    findings = []
    for name in dict.fromkeys((*policy_groups, *account.groups)):
        group_id = account.groups.get(name)
        if group_id is None:
            findings.append(
                Finding("error", f"group {name}", "the policy names it, `groups` does not", _hint(name, known))
            )
        elif group_id not in known:
            findings.append(Finding("error", f"group {name}", f"id {group_id} is no group there", _hint(name, known)))
        else:
            findings.append(Finding("ok", f"group {name}", f"id {group_id}, «{one_line(known[group_id], 80)}»"))
    return findings


def _hint(name: str, known: Mapping[int, str]) -> str:
    wanted = _folded(name)
    alike = [(group_id, found) for group_id, found in known.items() if _folded(found) == wanted]
    if alike:
        return f"set groups: {{{name}: {alike[0][0]}}}"
    there = ", ".join(f"{one_line(found, 40)} = {group_id}" for group_id, found in list(known.items())[:20])
    return f"set it in `groups` to one of: {there}" if there else "create the group and set its id in `groups`"


def _folded(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
