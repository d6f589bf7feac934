"""Handing a mail to the server: smtplib in a thread, each failure told by what the customer may have got.

The server has the mail from the moment it answers the end of DATA; what breaks before that sent nothing.
"""

import asyncio
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress

from agents.notifier.mail import Envelope
from agents.outbound import Ambiguous, NotSent
from agents.platforms.port import CallFailed
from agents.settings import SmtpSettings
from streams.errors import HandoffError

TLS_FAILURES = (ssl.SSLError, ssl.CertificateError)

MakeContext = Callable[[], ssl.SSLContext]


class SmtpPost:
    """Sends mails through one server, a connection for each: notices are few, and servers drop idle ones."""

    def __init__(self, settings: SmtpSettings, make_context: MakeContext = ssl.create_default_context) -> None:
        """`make_context` decides whom we trust; by default the machine's authorities, names checked."""
        self._settings = settings
        self._make_context = make_context

    async def send(self, envelope: Envelope) -> None:
        """Return once the server has taken the mail. Raises `NotSent`, `Ambiguous` or `CallFailed`."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def report(error: Exception | None) -> None:
            if done.done():  # nobody waits any more
                return
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        def work() -> None:
            error: Exception | None = None
            try:
                self._send(envelope)
            except HandoffError as failed:
                error = failed
            with suppress(RuntimeError):  # the loop is closed: the process is ending
                loop.call_soon_threadsafe(report, error)

        # A thread of its own, which the end of the process does not wait for: a server may hang for long, and
        # the shared pool reads the ledger. The gate bounds how many there are.
        threading.Thread(target=work, name="smtp", daemon=True).start()
        await done

    def _send(self, envelope: Envelope) -> None:
        server = self._connect()
        try:
            self._introduce(server)
            self._hand_over(server, envelope)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        name = socket.gethostname()  # smtplib would ask the DNS for more, and may wait for it
        try:
            if settings.security == "tls":
                return smtplib.SMTP_SSL(
                    settings.host,
                    settings.port,
                    local_hostname=name,
                    timeout=settings.timeout_seconds,
                    context=self._make_context(),
                )
            return smtplib.SMTP(settings.host, settings.port, local_hostname=name, timeout=settings.timeout_seconds)
        except TLS_FAILURES:
            raise NotSent("tls") from None
        except TimeoutError:
            raise NotSent("timeout") from None
        except (OSError, smtplib.SMTPException):
            raise NotSent("refused") from None

    def _introduce(self, server: smtplib.SMTP) -> None:
        """TLS and login. Nothing was sent yet, whatever goes wrong."""
        settings = self._settings
        try:
            server.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                server.starttls(context=self._make_context())
                server.ehlo()
            if settings.username is not None and settings.password is not None:
                server.login(settings.username, settings.password.get_secret_value())
        except TLS_FAILURES:
            raise NotSent("tls") from None
        except smtplib.SMTPNotSupportedError:  # no STARTTLS, or no way to log in that both sides know
            raise NotSent("smtp_not_supported") from None
        except smtplib.SMTPAuthenticationError:
            raise NotSent("smtp_login") from None
        except (OSError, smtplib.SMTPException):
            raise NotSent("smtp_greeting") from None

    def _hand_over(self, server: smtplib.SMTP, envelope: Envelope) -> None:
        if envelope.needs_utf8 and not server.has_extn("smtputf8"):
            raise CallFailed("smtputf8_unsupported", retryable=False)
        options = ["SMTPUTF8", "BODY=8BITMIME"] if envelope.needs_utf8 else []
        try:
            _expect("from", server.mail(envelope.sender, options)[0])
            _expect("to", server.rcpt(envelope.recipient)[0])
        except (OSError, smtplib.SMTPException):
            raise NotSent("smtp_broke") from None
        try:
            code = server.data(envelope.content)[0]
        except smtplib.SMTPDataError as error:  # the server did not want to hear the text
            code = error.smtp_code
        except (OSError, smtplib.SMTPException):
            raise Ambiguous("smtp_broke") from None
        _expect("data", code)


def _expect(step: str, code: int) -> None:
    """A 2xx; 4xx is for now and 5xx for good (RFC 5321 4.2.1). The server's words may hold the address: unread."""
    if not 200 <= code < 300:
        raise CallFailed(f"smtp_{step}_{code}", retryable=not 500 <= code < 600)
