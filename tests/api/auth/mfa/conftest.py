"""Somebody with an authenticator app, and what is done with it."""

import pyotp
import pytest
from tests.authenticator import Authenticator
from tests.caller import Caller

URL = "https://draw.example.org"
PASSWORD = "correct horse battery"
ADA = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}


async def login(call, password=PASSWORD, email="ada@example.org", **more):
    return await call("POST", "/api/auth/login", {"email": email, "password": password, **more})


async def signed_in(call, token):
    """A caller with the identity of an access token."""
    proof = (await call("POST", "/internal/identify", {"bearer": token})).json()["assertion"]
    return Caller(call.app, {**call.headers, "x-autograph-identity": proof})


async def by_cookie(call, answer):
    """A caller with the identity of the cookie that an answer sets."""
    cookie = answer.headers["set-cookie"].split(";")[0].partition("=")[2]
    proof = (await call("POST", "/internal/identify", {"cookie": cookie})).json()["assertion"]
    return Caller(call.app, {**call.headers, "x-autograph-identity": proof})


async def verify(call, token, code):
    return await call("POST", "/api/auth/mfa/verify", {"mfa_token": token, "code": code})


async def mails(call, kind="security"):
    """Addresses and texts of the mails of a kind, the newest first."""
    mail = call.app.state.parts.mail
    letters, _ = await mail.listed(page=1, page_size=100)
    return [(letter.recipient, (await mail.read(letter.id))[1]) for letter in letters if letter.kind == kind]


@pytest.fixture
def call(make_auth):
    return Caller(make_auth(public_url=URL, registration="open"))


@pytest.fixture
async def ada(call):
    """Somebody who has signed in with her password."""
    assert (await call("POST", "/api/auth/register", ADA)).status == 201
    return await signed_in(call, (await login(call)).json()["access_token"])


@pytest.fixture
def phone():
    """Ada's phone: it counts nothing, as its passkeys are synced."""
    return Authenticator(URL, counts=False, is_synced=True)


@pytest.fixture
def app_code(clock):
    """The code that an authenticator app shows, some steps from now."""

    def app_code(secret, steps=0):
        return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + 30 * steps)

    return app_code


@pytest.fixture
async def secret(call, app_code, clock):
    """Ada has an app; the codes of this step are used."""
    assert (await call("POST", "/api/auth/register", ADA)).status == 201
    ada = await signed_in(call, (await login(call)).json()["access_token"])
    found = (await ada("POST", "/api/auth/mfa/setup", {"current_password": PASSWORD})).json()
    assert found["otpauth_uri"].startswith("otpauth://totp/AutoGraph:ada%40example.org?secret=")
    assert found["qr_svg"].startswith("<svg")
    enabled = await ada("POST", "/api/auth/mfa/enable", {"code": app_code(found["secret"])})
    assert enabled.status == 200, enabled.body
    assert len(set(enabled.json()["backup_codes"])) == 10
    call.backup_codes = enabled.json()["backup_codes"]
    clock.wind(seconds=30)
    return found["secret"]
