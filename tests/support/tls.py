"""A certificate for `localhost` that nobody trusts, made up for tests, with its key. Valid until 2126."""

import ssl
from pathlib import Path

_KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKyBsPn/5QVZygqIh
FJBz7A5nrZ3Rza3Vkylj6GiCudqhRANCAASbjF0XCo6PD11bXo2NYYAc3frIIeuA
LRvwWD35SUGiygqu+DYSNeGoHrGL4KIiQkWx9243Yebw67cURQXl0fdc
-----END PRIVATE KEY-----
"""

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUKuRyyLmANHNmz1cvQ7vQ2tKvD4YwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjIxNDIxMloYDzIxMjYxMDI5
MjE0MjEyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASbjF0XCo6PD11bXo2NYYAc3frIIeuALRvwWD35SUGiygqu+DYSNeGo
HrGL4KIiQkWx9243Yebw67cURQXl0fdco28wbTAdBgNVHQ4EFgQUx8hUxMoIwLp4
4U6fpP7g5MJnaH0wHwYDVR0jBBgwFoAUx8hUxMoIwLp44U6fpP7g5MJnaH0wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgNswLECcprfS7pdhT3/dKm3q9rD+Gl/JecardhKO7cPACIQDf
8/7ClHHEcX9elbj057zxlplo8ROy5lTCcK+LhXrVhg==
-----END CERTIFICATE-----
"""


def server_context(folder: Path) -> ssl.SSLContext:
    """For a server that is `localhost`. `folder` holds the files that the ssl module wants."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_text(CERTIFICATE)
    key.write_text(_KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def trusting_context() -> ssl.SSLContext:
    """For a client that trusts that one certificate, names checked as ever."""
    return ssl.create_default_context(cadata=CERTIFICATE)
