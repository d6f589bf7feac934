"""The audit of what we depend on: quiet about what is sound, loud about what is not and about what it could not ask."""

import json
from collections.abc import Callable
from email.message import Message
from importlib.metadata import PackageMetadata
from pathlib import Path
from typing import Any, cast

import pytest

from deploy.audit import advisories
from deploy.audit.__main__ import BENCH, FAULTY, NOT_ASKED, SHIPPED, TESTS, TOOLS, run
from deploy.audit.licences import licence_of, permitted
from deploy.audit.lock import Locked, disagreements, read

HASH = "--hash=sha256:" + "a" * 64
AIOHTTP = Locked("aiohttp", "3.14.5", "", ("a" * 64,))
YARL = Locked("yarl", "1.25.1", "", ("a" * 64,))


def test_what_this_checkout_depends_on_is_sound_as_far_as_can_be_said_offline() -> None:
    said: list[str] = []
    assert run(Path(), None, said.append) == 0, said
    assert any("NOT LOOKED FOR (offline)" in line for line in said)
    assert not [line for line in said if line.startswith("FAULT")]


def test_a_service_that_is_not_reached_is_no_clean_bill() -> None:
    def ask(_: list[Locked]) -> list[str]:
        raise advisories.NotReached("no connection (TimeoutError)")

    said: list[str] = []
    assert run(Path(), ask, said.append) == NOT_ASKED
    assert any("NOT LOOKED FOR" in line and "no connection" in line for line in said)


def test_a_known_weakness_fails_the_audit_and_every_locked_release_is_asked_about() -> None:
    asked: list[Locked] = []

    def ask(locked: list[Locked]) -> list[str]:
        asked.extend(locked)
        return ["aiohttp 3.14.5: GHSA-1, mended in 3.14.6"]

    said: list[str] = []
    assert run(Path(), ask, said.append) == FAULTY
    assert "FAULT aiohttp 3.14.5: GHSA-1, mended in 3.14.6" in said
    everywhere = {
        one for name in (SHIPPED, TESTS, TOOLS, BENCH) for one in read(Path(name).read_text(encoding="utf-8"))[0]
    }
    assert set(asked) == everywhere


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("aiohttp==3.14.5\n", "aiohttp 3.14.5 has no sha256"),
        ("aiohttp==3.14.5 \\\n    --hash=md5:abc\n", "aiohttp 3.14.5 has no sha256"),
        (f"aiohttp>=3.14 \\\n    {HASH}\n", "`aiohttp>=3.14` is no release pinned with `==`"),
        ("-e .\n", "`-e .` is no release pinned with `==`"),
        ("git+https://example.org/x.git\n", "`git+https://example.org/x.git` is no release pinned with `==`"),
        ("--index-url https://example.org\n", "`--index-url https://example.org` is no release pinned with `==`"),
    ],
)  # fmt: skip
def test_what_is_not_pinned_with_a_hash_is_a_fault(text: str, fault: str) -> None:
    (told,) = read(text)[1]
    assert told.startswith(fault)


def test_a_lock_file_is_read_with_markers_comments_and_all_hashes() -> None:
    text = f"# made by make lock\naiohttp==3.14.5 ; os_name == 'nt' \\\n    {HASH} \\\n    {HASH}\n    # via handoff\n"
    assert read(text) == ([Locked("aiohttp", "3.14.5", "os_name == 'nt'", ("a" * 64,) * 2)], [])


def test_lock_files_that_differ_about_a_release_are_a_fault() -> None:
    newer = YARL._replace(version="2.0")
    other = AIOHTTP._replace(hashes=("b" * 64,))
    assert disagreements({"a": [AIOHTTP, YARL], "b": [AIOHTTP, YARL]}) == []
    assert disagreements({"a": [YARL], "b": [newer]}) == ["yarl: 1.25.1 in a, 2.0 in b"]
    assert disagreements({"a": [AIOHTTP], "b": [other]}) == ["aiohttp: 3.14.5 in a, 3.14.5 in b"]


def _metadata(*fields: tuple[str, str]) -> PackageMetadata:
    message = Message()
    for name, value in fields:
        message[name] = value
    return cast("PackageMetadata", message)


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ([("License-Expression", "Apache-2.0 AND MIT"), ("License", "GPL")], "Apache-2.0 AND MIT"),
        ([("Classifier", "License :: OSI Approved :: MIT License"), ("License", "see LICENSE")], "MIT"),
        ([("License", "Apache 2.0")], "Apache-2.0"),
        ([("License", "MIT")], "MIT"),
        ([("Classifier", "License :: OSI Approved :: GNU General Public License v3 (GPLv3)")], None),
        (
            [
                ("Classifier", "License :: OSI Approved :: MIT License"),
                ("Classifier", "License :: OSI Approved :: GNU Affero General Public License v3"),
            ],
            None,
        ),
        ([("License", "Copyright (c) somebody, all rights reserved")], None),
        ([], None),
    ],
)
def test_a_licence_is_read_or_not_known(fields: list[tuple[str, str]], licence: str | None) -> None:
    assert licence_of("thing", _metadata(*fields)) == licence


@pytest.mark.parametrize(
    ("expression", "shipped", "may"),
    [
        ("MIT", True, True),
        ("Apache-2.0 AND MIT", True, True),
        ("Apache-2.0 AND GPL-3.0-only", True, False),
        ("GPL-2.0-only OR MIT", True, True),
        ("MPL-2.0", True, False),
        ("MPL-2.0", False, True),
        ("LGPL-3.0-only", False, False),
        ("(MIT OR GPL-2.0-only) AND BSD-3-Clause", True, False),
    ],
)
def test_only_permissive_terms_are_shipped(expression: str, shipped: bool, may: bool) -> None:
    assert permitted(expression, shipped=shipped) is may


def _serving(**answers: Any) -> Callable[[str], bytes]:
    def get(url: str) -> bytes:
        name = url.removeprefix(f"{advisories.SERVICE}/").split("/")[0]
        return json.dumps({"vulnerabilities": [], "urls": [{"yanked": False}]} | answers.get(name, {})).encode()

    return get


def test_advisories_and_withdrawn_releases_are_told() -> None:
    weak = {"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "fixed_in": ["3.14.6"], "withdrawn": None}
    taken_back = {"id": "PYSEC-2", "aliases": [], "fixed_in": [], "withdrawn": "2026-01-01T00:00:00Z"}
    get = _serving(
        aiohttp={"vulnerabilities": [weak, taken_back]},
        yarl={"urls": [{"yanked": True, "yanked_reason": "breaks"}]},
    )
    told = ["aiohttp 3.14.5: PYSEC-1, mended in 3.14.6", "yarl 1.25.1 was withdrawn: breaks"]
    assert advisories.found([AIOHTTP, YARL], get) == told
    assert advisories.found([AIOHTTP, YARL], _serving()) == []


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b"{}", b'{"vulnerabilities": null, "urls": []}'])
def test_an_answer_that_is_none_is_not_taken_for_a_clean_one(answer: bytes) -> None:
    with pytest.raises(advisories.NotReached):
        advisories.found([AIOHTTP], lambda _: answer)


def test_a_port_nobody_listens_on_is_not_reached() -> None:
    with pytest.raises(advisories.NotReached, match="no connection"):
        advisories.fetch("http://127.0.0.1:9/pypi")
