"""OpenID providers of the test run: a real one as a process, and one of our own that lies as it is told."""

import asyncio
import base64
import hmac
import http.client
import json
import secrets
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from joserfc.jwk import RSAKey

from tests.servers.process import Server, free_port, listens


def start(folder: Path) -> tuple[Server, str]:
    """Start the provider `oidc-provider-mock`, which believes whoever says who they are; return it and its issuer."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    server = Server(command, ready=lambda: listens(port), log=folder / f"oidc-{port}.log")
    return server, f"http://127.0.0.1:{port}"


def know(issuer: str, subject: str, **claims: Any) -> None:
    """Tell the real provider what it knows of somebody."""
    _ask("PUT", f"{issuer}/users/{subject}", json.dumps(claims), "application/json")


def sign_in(url: str, subject: str) -> str:
    """Sign in at the real provider as a browser would that was sent to `url`; return where it sends the browser."""
    return _ask("POST", url, urlencode({"sub": subject}), "application/x-www-form-urlencoded")


def refuse(url: str) -> str:
    """Refuse to sign in there; return where the browser is sent."""
    return _ask("POST", url, urlencode({"action": "deny"}), "application/x-www-form-urlencoded")


def _ask(method: str, url: str, body: str, kind: str) -> str:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)) as connection:
        connection.request(method, f"{parts.path}?{parts.query}", body, {"content-type": kind})
        answer = connection.getresponse()
        content = answer.read()
    assert answer.status < 400, content
    return answer.headers.get("location", "")


class Liar:
    """A provider in this process. It does what a provider must, but for what a test changes.

    Attributes:
        said: Changes to its metadata.
        claims: Changes to the claims of ID tokens; None takes one away.
        header: Changes to their headers.
        key: What signs them.
        token: Makes an ID token out of header and claims, where a signature is not enough.
        keys: Its published keys.
        userinfo: What it says on request.
        status: What every question is answered with; `delay_seconds` when.
        asked: Path of every question.
        codes: What each code was given for.
    """

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "first"}, private=True)
        self.keys = [self.key]
        self.said: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.token = self.signed
        self.userinfo: dict[str, Any] = {"sub": "u1"}
        self.answer: dict[str, Any] = {}
        self.status, self.delay_seconds, self.padding = 200, 0.0, ""
        self.asked: list[str] = []
        self.sent: list[dict[str, str]] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.issuer = ""
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen on loopback."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", free_port())
        await site.start()
        self.issuer = site.name

    async def close(self) -> None:
        """Listen no more."""
        assert self._runner is not None
        await self._runner.cleanup()

    def code(self, url: str, **changes: str) -> str:
        """Sign in by `url`; return what the browser brings back, as a query."""
        asked = dict(parse_qsl(urlsplit(url).query))
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return urlencode({"code": code, "state": asked["state"], **changes})

    def signed(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Return an ID token as it should be; with HS256 its secret is the public key."""
        content = f"{_plain(json.dumps(header).encode())}.{_plain(json.dumps(claims).encode())}"
        if header["alg"] == "HS256":
            return (
                f"{content}.{_plain(hmac.digest(self.key.as_pem(private=False), content.encode(), 'sha256'))}"
            )
        signature = self.key.private_key.sign(
            content.encode(), PKCS1v15(), SHA512() if header["alg"] == "RS512" else SHA256()
        )
        return f"{content}.{_plain(signature)}"

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        await asyncio.sleep(self.delay_seconds)
        if self.status != 200:
            return web.json_response({"error": "server_error"}, status=self.status)
        match request.path:
            case "/.well-known/openid-configuration":
                return web.json_response(self._metadata())
            case "/keys":
                return web.json_response(
                    {"keys": [key.as_dict(private=False) for key in self.keys], "padding": self.padding}
                )
            case "/token":
                return await self._token(request)
            case "/userinfo":
                return web.json_response(self.userinfo)
        return web.json_response({"error": "not_found"}, status=404)

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.said,
        }

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.sent.append({**form, "authorization": request.headers.get("authorization", "")})
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": asked["client_id"], "sub": "u1", "nonce": asked["nonce"], "iat": now,
            "exp": now + 300, "email": "eve@example.org", "email_verified": True, "name": "Eve", **self.claims,
        }  # fmt: skip
        header = {"alg": "RS256", "kid": self.key.kid, **self.header}
        token = self.token(header, {name: value for name, value in claims.items() if value is not None})
        return web.json_response(
            {"access_token": "at", "token_type": "Bearer", "id_token": token, **self.answer}
        )


def _plain(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
