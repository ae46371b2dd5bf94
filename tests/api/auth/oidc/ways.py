"""What a browser does to sign in elsewhere, and what is kept of it."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from sqlalchemy import select
from tests.caller import Caller

from autograph.auth.tables import users

START, CALLBACK = "/api/auth/oidc/start", "/api/auth/oidc/callback"
COOKIE, HELD = "autograph", "autograph-sign-in"
US = "http://127.0.0.1:8080"


class Browser:
    """Keeps cookies, follows nothing by itself."""

    def __init__(self, app):
        self.call, self.cookies = Caller(app), {}

    async def get(self, path, method="GET"):
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.call(method, path, headers={"cookie": sent} if sent else {})
        for name, value in answer.fields:
            if name == "set-cookie":
                first, *rest = value.split("; ")
                kept, _, content = first.partition("=")
                self.cookies[kept] = content
                if "Max-Age=0" in rest:
                    del self.cookies[kept]
        return answer

    async def start(self, provider="company", **more):
        """Begin; return the address at the provider."""
        answer = await self.get(f"{START}?{urlencode({'provider': provider, **more})}")
        assert answer.status == 302, answer.body
        return answer.headers["location"]

    async def back(self, query):
        """Come back from the provider; return where one is sent."""
        answer = await self.get(f"{CALLBACK}?{query}")
        assert (answer.status, answer.headers["cache-control"]) == (302, "no-store"), answer.body
        return answer.headers["location"]


async def rows(database, *columns):
    async with database.read() as connection:
        return (await connection.execute(select(*columns))).all()


async def local_account(database, email, **values):
    """An account with a password."""
    row = {
        "id": f"id of {email}", "email": email, "name": "Local", "password_hash": "hash", "roles": ["editor"],
        "created_at": datetime.now(UTC), "verified_at": datetime.now(UTC), **values,
    }  # fmt: skip
    async with database.begin() as connection:
        await connection.execute(users.insert(), row)
    return row["id"]


async def through(browser, liar, **more):
    """The whole way; return where the browser ends."""
    return await browser.back(liar.code(await browser.start(**more)))
