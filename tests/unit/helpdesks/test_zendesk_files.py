"""Files at Zendesk: upload, then a private note that carries them."""

import pytest
from pydantic import SecretStr

from agents.helpdesks.port import TicketFile
from agents.helpdesks.zendesk.adapter import Zendesk
from agents.outbound import Ambiguous, HttpResponse
from streams.clock import SystemClock
from tests.support.drafts import zendesk_account
from tests.support.http import FakeHttp, answer, query, routed, sent_json

ACCOUNT = zendesk_account(tokens={"email": SecretStr("bot@acme.example"), "api_token": SecretStr("k")})
FILE = TicketFile("in voice&x.pdf", "application/pdf", b"%PDF")
UPLOADED = answer(201, b'{"upload":{"token":"tok"}}', {"content-type": "text/plain"})
DONE = answer(200, {"ticket": {"id": 7}})


async def test_a_file_is_uploaded_and_attached_in_private() -> None:
    http = FakeHttp(routed({"POST /api/v2/uploads": UPLOADED, "PUT /api/v2/tickets/7": DONE}))
    got = await Zendesk(SystemClock()).attach_file(http, ACCOUNT, "7", FILE, action_id="a-1")
    assert got.verdict == "done"
    upload, note = http.requests
    assert query(upload) == {"filename": "in voice&x.pdf"}
    assert (upload.body, upload.headers["content-type"]) == (b"%PDF", "application/pdf")
    comment = sent_json(note)["ticket"]["comment"]
    assert (comment["uploads"], comment["public"]) == (["tok"], False)
    assert "a-1" in comment["html_body"]


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        (answer(413), "refused"),
        (answer(422), "refused"),
        (answer(429), "rate_limited"),
        (answer(401), "unavailable"),
        (answer(500), "unavailable"),
        (answer(201, "<html>"), "unavailable"),
        (Ambiguous("timeout"), "unavailable"),
    ],
)
async def test_an_upload_that_failed_attached_nothing(result: HttpResponse | Exception, verdict: str) -> None:
    http = FakeHttp(routed({"POST /api/v2/uploads": result}))
    got = await Zendesk(SystemClock()).attach_file(http, ACCOUNT, "7", FILE, action_id="a-1")
    assert got.verdict == verdict


async def test_a_note_without_an_answer_stays_ambiguous() -> None:
    http = FakeHttp(routed({"POST /api/v2/uploads": UPLOADED, "PUT /api/v2/tickets/7": answer(502)}))
    got = await Zendesk(SystemClock()).attach_file(http, ACCOUNT, "7", FILE, action_id="a-1")
    assert got.verdict == "ambiguous"
