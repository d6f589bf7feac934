"""Under which terms a dependency may be used, from what its installed metadata says.

Metadata: https://packaging.python.org/en/latest/specifications/core-metadata/ (`License-Expression`, else the
classifiers, else `License` where it is no more than a name).
"""

import re
from collections.abc import Mapping
from importlib.metadata import PackageMetadata

PERMISSIVE = frozenset(
    {"MIT", "BSD-2-Clause", "BSD-3-Clause", "BSD", "Apache-2.0", "ISC", "0BSD", "PSF-2.0", "Python-2.0"}
)
FILE_BOUND = frozenset({"MPL-2.0"})
"""Copyleft that ends with the file: fine for what only tests and builds, and is never shipped."""

REVIEWED: Mapping[str, tuple[str, str]] = {
    "venusian": ("BSD-3-Clause", "Repoze Public License: BSD with a clause that keeps the Repoze names"),
    "certifi": (
        "MPL-2.0",
        "Mozilla's list of authorities, passed on unchanged and in source form, which is all it asks",
    ),
}
"""Releases whose terms a person has read and found usable as we use them: what they come to, and why."""

_NAMES = {
    "mit": "MIT",
    "mit license": "MIT",
    "the mit license": "MIT",
    "bsd license": "BSD",
    "bsd 2-clause license": "BSD-2-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "python software foundation license": "PSF-2.0",
    "isc license (iscl)": "ISC",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
}


def licence_of(name: str, metadata: PackageMetadata) -> str | None:
    """An SPDX expression; None where the metadata says nothing that is understood."""
    if name in REVIEWED:
        return REVIEWED[name][0]
    if expression := metadata.get_all("License-Expression"):
        return str(expression[0])
    classified = [
        str(line).rsplit(" :: ", 1)[-1]
        for line in metadata.get_all("Classifier") or []
        if str(line).startswith("License :: ") and not str(line).endswith(":: OSI Approved")
    ]
    if classified:
        known = [_NAMES.get(each.lower()) for each in classified]
        return " AND ".join(each for each in known if each) if all(known) else None
    said = str((metadata.get_all("License") or [""])[0]).strip()
    return _NAMES.get(said.lower(), said if said in PERMISSIVE | FILE_BOUND else None)


def permitted(expression: str, *, shipped: bool) -> bool:
    """Whether all of an `AND`, or one side of an `OR`, may be used; parentheses are not read, and so not permitted."""
    allowed = PERMISSIVE if shipped else PERMISSIVE | FILE_BOUND
    sides = re.split(r"\s+OR\s+", expression.strip())
    return any(all(part in allowed for part in re.split(r"\s+AND\s+", side)) for side in sides)
