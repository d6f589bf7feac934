from typing import Any

import pytest

from agents.notifier.checks import check_tenant
from agents.notifier.phrasebooks import Phrasebooks, load_shipped
from agents.platforms.registry import outbound
from agents.settings import CalendarSettings, EmailSettings, PlatformSettings
from streams.errors import Refused
from tests.support.notices import tenant

BOOKS = Phrasebooks(load_shipped())
RIGHT: dict[str, Any] = {"platforms": {"custom-llm": PlatformSettings(options={"reply_url": "https://acme.com/r"})}}


def check(**changes: Any) -> None:
    check_tenant("acme", tenant(**(RIGHT | changes)), phrasebooks=BOOKS, outbounds=outbound)


def test_a_tenant_that_is_right_passes() -> None:
    check()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"email": EmailSettings(from_address="help")}, r"^tenants\.acme\.email\.from_address: "),
        ({"calendars": {"desk": CalendarSettings(timezone="X/Y")}}, r"^tenants\.acme: calendars\.desk\.timezone: "),
        ({"templates": "/nowhere.yaml"}, r"^tenants\.acme: /nowhere\.yaml: No such file"),
        ({"platforms": {"intercon": PlatformSettings()}}, r"^tenants\.acme\.platforms\.intercon: unknown platform"),
        (
            {"platforms": {"custom-llm": PlatformSettings(options={"replyurl": "x"})}},
            r"^tenants\.acme\.platforms\.custom-llm\.options\.replyurl: Extra inputs are not permitted$",
        ),
    ],
)
def test_what_is_wrong_is_refused_by_its_place(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Refused, match=complaint):
        check(**changes)
