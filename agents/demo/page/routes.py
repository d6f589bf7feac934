"""Serving the page: three files, one state, one box to write into. Loopback only, nothing from elsewhere.

`GET /` the page (`?conversation=` selects, `?pane=chat|ticket` shows one pane alone, `?theme=light|dark`);
`GET /_demo/state` the state, 304 while it is unchanged; `POST /_demo/say` `{"conversation_id", "text"}`.
"""

import hashlib
import json
from importlib.resources import files
from ipaddress import ip_address
from typing import Protocol

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.demo.page.views import State

_FILES = {
    "/": ("index.html", "text/html"),
    "/style.css": ("style.css", "text/css"),
    "/app.js": ("app.js", "text/javascript"),
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class DemoApi(Protocol):
    """What the page asks of the demo."""

    async def state(self) -> State:
        """Everything to show now."""
        ...

    async def say(self, conversation_id: str, text: str) -> None:
        """Say `text` as the customer of the conversation with that `key`; `KeyError` where there is none."""
        ...


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")

    conversation_id: str = Field(min_length=1, max_length=512)
    text: str = Field(min_length=1, max_length=4000)


def add_page_routes(app: web.Application, api: DemoApi) -> None:
    """Add the page and its two endpoints."""
    page = _Page(api)
    for path in _FILES:
        app.router.add_get(path, page.file)
    app.router.add_get("/_demo/state", page.state)
    app.router.add_post("/_demo/say", page.say)


class _Page:
    def __init__(self, api: DemoApi) -> None:
        folder = files(__package__)
        self._api = api
        self._files = {path: folder.joinpath(name).read_text("utf-8") for path, (name, _) in _FILES.items()}

    async def file(self, request: web.Request) -> web.Response:
        _refuse_strangers(request)
        media_type = _FILES[request.path][1]
        return web.Response(text=self._files[request.path], content_type=media_type, headers=_HEADERS)

    async def state(self, request: web.Request) -> web.Response:
        _refuse_strangers(request)
        raw = json.dumps(await self._api.state(), ensure_ascii=False, separators=(",", ":")).encode()
        tag = f'"{hashlib.sha256(raw).hexdigest()[:32]}"'
        headers = _HEADERS | {"ETag": tag}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=raw, content_type="application/json", charset="utf-8", headers=headers)

    async def say(self, request: web.Request) -> web.Response:
        _refuse_strangers(request)
        if request.content_type != "application/json":  # a form of another site cannot send this type
            raise web.HTTPUnsupportedMediaType(text="application/json only")
        try:
            said = _Said.model_validate_json(await request.read())
            text = said.text.strip()
            if not text:
                raise web.HTTPUnprocessableEntity(text="nothing said")
            await self._api.say(said.conversation_id, text)
        except ValidationError:
            raise web.HTTPUnprocessableEntity(text="conversation_id and text, 1 to 4000 characters") from None
        except KeyError:
            raise web.HTTPNotFound(text="no such conversation") from None
        return web.json_response({}, status=202, headers=_HEADERS)


def _refuse_strangers(request: web.Request) -> None:
    """Callers of this machine alone, under a loopback name, from no other site's script."""
    host = request.url.host or ""
    origin = request.headers.get("Origin")
    if not _is_loopback(host) or not _is_loopback(request.remote or ""):
        raise web.HTTPForbidden(text="loopback only")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        raise web.HTTPForbidden(text="same origin only")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
