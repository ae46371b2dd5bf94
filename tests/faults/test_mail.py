"""Mails to people reach a mail server on loopback once, survive one that is down, and leave no link behind."""

import asyncio
import subprocess
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs
from tests.clock import HandClock
from tests.servers.mail import MailServer
from tests.servers.process import free_port

from autograph.auth.mail import Mail, words
from autograph.auth.settings import AuthSettings
from autograph.auth.tables import mails
from autograph.auth.vault import Vault
from autograph.storage.migrations import upgrade
from autograph.storage.sql import open_database

pytestmark = pytest.mark.feature("auth.verify-email")

LINK = "https://diagrams.example.com/reset#S3cretOfTheLink"


@pytest.fixture
def clock():
    return HandClock()


class Post:
    """An outbox on a database of its own, sent by one process or several."""

    def __init__(self, url, clock, port):
        self.url, self.clock, self.vault, self.port = url, clock, Vault.generate(), port
        self.databases = []

    def mail(self):
        """The outbox as another process has it."""
        database = open_database(self.url)
        self.databases.append(database)
        settings = AuthSettings(smtp_url=f"smtp://127.0.0.1:{self.port}", mail_from="autograph@example.com")
        return Mail(database=database, clock=self.clock, vault=self.vault, settings=settings)

    async def put(self, mail, recipient="ada@example.org", written=None):
        written = written or words.reset("Ada", LINK, 60)
        async with mail._database.begin() as connection:
            until = self.clock.now() + timedelta(hours=1)
            await mail.put(connection, "reset", recipient, written, until=until)

    async def rows(self):
        async with self.databases[0].read() as connection:
            return (await connection.execute(select(mails).order_by(mails.c.created_at))).all()


@pytest.fixture
async def post(database_url, clock):
    database = open_database(database_url)
    await upgrade(database, "auth")
    await database.close()
    post = Post(database_url, clock, free_port())
    yield post
    for opened in post.databases:
        await opened.close()


@asynccontextmanager
async def background(mail):
    mail.start()
    yield
    await mail.close()


async def test_down_then_up(post, clock):
    """A mail waits, with a reason that names no address, and goes out once the server is there."""
    mail = post.mail()
    await post.put(mail)
    assert await mail.round() == 0
    [row] = await post.rows()
    assert (row.state, row.tries, row.sent_at) == ("waiting", 1, None)
    assert row.error.startswith("The mail server did not take it")
    assert "127.0.0.1" not in row.error
    async with MailServer(post.port, refuses=True) as server:
        assert await mail.round() == 0
        clock.wind(minutes=1)
        assert await mail.round() == 0
        assert server.mails == []
    clock.wind(minutes=15)
    async with MailServer(post.port) as server:
        assert await mail.round() == 1
        clock.wind(minutes=15)
        assert await mail.round() == 0
    [sent] = server.mails
    assert LINK in sent.get_content()
    assert (sent["To"], sent["From"]) == ("ada@example.org", "autograph@example.com")
    assert sent["Auto-Submitted"] == "auto-generated"
    [row] = await post.rows()
    assert (row.state, row.tries, row.error, row.sealed_text) == ("sent", 3, "", None)
    assert row.sent_at is not None


async def test_in_the_background(post):
    """A mail that is put in goes out by itself, at once; one more try is made when asked for."""
    async with MailServer(post.port, refuses=True) as server:
        mail = post.mail()
        async with background(mail), asyncio.timeout(10):
            await post.put(mail)
            while not (await post.rows())[0].error:
                await asyncio.sleep(0.02)
            server.refuses = False
            [row] = await post.rows()
            async with mail._database.begin() as connection:
                await mail.hurry(connection, row.id)
            while not server.mails:
                await asyncio.sleep(0.02)
            while (await post.rows())[0].state != "sent":
                await asyncio.sleep(0.02)
    assert server.recipients == ["<ada@example.org>"]


async def test_two_processes_send_once(post):
    """However many processes look at the same time, nobody gets a mail twice."""
    first, second, third = post.mail(), post.mail(), post.mail()
    for index in range(12):
        await post.put(first, f"p{index}@example.org")
    async with MailServer(post.port) as server:
        sent = await asyncio.gather(first.round(), second.round(), third.round(), second.round())
    assert sum(sent) == 12
    assert sorted(mail["To"] for mail in server.mails) == sorted(
        f"p{index}@example.org" for index in range(12)
    )


async def test_asking_twice_does_not_send_twice(post):
    """Asking for another try while one is made starts no second one."""
    mail = post.mail()
    await post.put(mail)
    [row] = await post.rows()
    plain = mail._send

    async def slowly(letter):
        async with mail._database.begin() as connection:
            await mail.hurry(connection, letter.id)
        assert await post.mail().round() == 0
        return await plain(letter)

    mail._send = slowly
    async with MailServer(post.port) as server:
        assert await mail.round() == 1
    assert len(server.mails) == 1
    assert (await post.rows())[0].id == row.id


async def test_no_link_is_left(post, clock, tmp_path, database_url):
    """Neither the log nor a dump of the database has the link, before, between and after the tries."""
    mail = post.mail()
    with capture_logs() as logs:
        await post.put(mail)
        await mail.round()
        dumped = await _dump(post)
        clock.wind(minutes=5)
        async with MailServer(post.port) as server:
            await mail.round()
        dumped += await _dump(post)
    assert LINK in server.mails[0].get_content()
    assert [line["event"] for line in logs] == ["mail.not_sent"]
    for text in (str(logs).encode(), dumped):
        assert b"S3cretOfTheLink" not in text
        assert b"Hello Ada" not in text


async def _dump(post):
    """All that the database holds: the bytes of its files, or every row."""
    rows = str(await post.rows()).encode()
    if post.url.startswith("sqlite"):
        folder = post.url.removeprefix("sqlite:///")
        found = subprocess.run(["sh", "-c", f"cat {folder}*"], capture_output=True, check=True).stdout
        return found + rows
    return rows


async def test_names_are_no_headers(post):
    """A name that looks like a header stays a name."""
    mail = post.mail()
    name = "Eve\r\nBcc: all@example.org\r\n\r\nBuy now"
    hostile = words.invited(name, "eve@example.org", name, LINK, timedelta(days=7))
    await post.put(mail, written=hostile)
    async with MailServer(post.port) as server:
        assert await mail.round() == 1
    [sent] = server.mails
    assert sent["Bcc"] is None
    assert len(server.recipients) == 1
    assert sent["Subject"] == "You are invited to AutoGraph"


async def test_a_text_that_cannot_be_opened(post):
    """A mail sealed with a key that is not here stays unsent and says so."""
    mail = post.mail()
    await post.put(mail)
    post.vault = Vault.generate()
    async with MailServer(post.port) as server:
        assert await post.mail().round() == 0
    assert server.mails == []
    assert (await post.rows())[0].error == "Its text cannot be read."
