import ssl
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from agents.notifier.mail import Envelope
from agents.notifier.smtp import SmtpPost
from agents.outbound import Ambiguous, NotSent
from agents.platforms.port import CallFailed
from agents.settings import SmtpSettings
from tests.support.smtp_server import SmtpServer
from tests.support.tls import server_context, trusting_context

CONTENT = b"Subject: hello\r\n\r\nA line.\r\n.hidden dot\r\n"
PLAIN = Envelope("", "maya@example.org", CONTENT, needs_utf8=False)
FOREIGN = Envelope("", "用户@xn--fsqu00a.xn--4rr70v", CONTENT, needs_utf8=True)


def post(server: SmtpServer, **settings: Any) -> SmtpPost:
    given = {"host": "localhost", "port": server.port, "security": "none", "timeout_seconds": 5.0} | settings
    return SmtpPost(SmtpSettings(**given), trusting_context)


async def test_a_mail_is_taken_with_a_null_sender_and_its_text_whole() -> None:
    async with SmtpServer().listening() as server:
        await post(server).send(PLAIN)
    assert server.mails == [CONTENT.replace(b"\r\n.hidden", b"\r\n..hidden")]
    assert any(command.startswith("mail FROM:<>") for command in server.commands)
    assert "rcpt TO:<maya@example.org>" in server.commands
    assert server.verbs[-1] == "QUIT"


async def test_a_foreign_mailbox_is_sent_to_a_server_that_speaks_smtputf8_alone() -> None:
    async with SmtpServer().listening() as server:
        await post(server).send(FOREIGN)
    assert any("用户@" in command for command in server.commands)
    async with SmtpServer(extensions=()).listening() as server:
        with pytest.raises(CallFailed, match=r"^smtputf8_unsupported$") as failed:
            await post(server).send(FOREIGN)
    assert not failed.value.retryable
    assert server.mails == []


@pytest.mark.parametrize(
    ("verb", "answer", "reason", "retryable"),
    [
        ("RCPT", "550 no such maya@example.org", "smtp_to_550", False),
        ("RCPT", "450 busy", "smtp_to_450", True),
        ("MAIL", "530 log in", "smtp_from_530", False),
        ("DATA", "554 no", "smtp_data_554", False),
        ("END", "451 later", "smtp_data_451", True),
        ("END", "552 too large", "smtp_data_552", False),
    ],
)
async def test_a_refusal_is_for_now_or_for_good_and_its_words_stay_unread(
    verb: str, answer: str, reason: str, retryable: bool
) -> None:
    async with SmtpServer({verb: answer}).listening() as server:
        with pytest.raises(CallFailed) as failed:
            await post(server).send(PLAIN)
    assert (failed.value.reason, failed.value.retryable) == (reason, retryable)
    assert "maya" not in str(failed.value)


@pytest.mark.parametrize(
    ("verb", "answer"),
    [("CONNECT", "drop"), ("CONNECT", "554 go away"), ("EHLO", "drop"), ("MAIL", "drop"), ("RCPT", "hang")],
)
async def test_what_breaks_before_the_text_sent_nothing(verb: str, answer: str) -> None:
    async with SmtpServer({verb: answer}).listening() as server:
        with pytest.raises(NotSent):
            await post(server, timeout_seconds=0.3 if answer == "hang" else 5.0).send(PLAIN)
    assert server.mails == []


@pytest.mark.parametrize("answer", ["drop", "hang"])
async def test_what_breaks_after_the_text_may_have_arrived(answer: str) -> None:
    async with SmtpServer({"END": answer}).listening() as server:
        with pytest.raises(Ambiguous):
            await post(server, timeout_seconds=0.3 if answer == "hang" else 5.0).send(PLAIN)
    assert len(server.mails) == 1


async def test_nobody_listening_is_not_sent() -> None:
    async with SmtpServer().listening() as server:
        gone = post(server)
    with pytest.raises(NotSent, match=r"^refused$"):
        await gone.send(PLAIN)


async def test_starttls_comes_before_login_and_the_certificate_is_checked(tmp_path: Path) -> None:
    async with SmtpServer(tls=server_context(tmp_path)).listening() as server:
        sender = post(server, security="starttls", username="acme", password=SecretStr("made-up"))
        await sender.send(PLAIN)
        assert len(server.mails) == 1
        assert server.verbs.index("STARTTLS") < server.verbs.index("AUTH")

        suspicious = SmtpPost(
            SmtpSettings(host="localhost", port=server.port, timeout_seconds=5.0), ssl.create_default_context
        )
        with pytest.raises(NotSent, match=r"^tls$"):
            await suspicious.send(PLAIN)
    assert len(server.mails) == 1


async def test_a_server_without_starttls_gets_neither_password_nor_mail() -> None:
    async with SmtpServer().listening() as server:
        sender = post(server, security="starttls", username="acme", password=SecretStr("made-up"))
        with pytest.raises(NotSent, match=r"^smtp_not_supported$"):
            await sender.send(PLAIN)
    assert "AUTH" not in server.verbs
    assert server.mails == []


async def test_a_wrong_password_sends_nothing_and_is_not_in_the_error() -> None:
    async with SmtpServer({"AUTH": "535 wrong"}).listening() as server:
        sender = post(server, username="acme", password=SecretStr("made-up"))
        with pytest.raises(NotSent) as failed:
            await sender.send(PLAIN)
    assert failed.value.reason == "smtp_login"
    assert "made-up" not in repr(failed.value)
