"""Tests of Idempotency-Key: once and the same for equal calls, a clear answer for all others, on both databases."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.caller import Caller
from tests.clock import HandClock

from autograph.core.problem import Malformed
from autograph.gateway.layers.idempotency import Idempotency, IdempotencySettings, parsed
from autograph.gateway.layers.problems import Problems
from autograph.gateway.store import KeyStore
from autograph.model.principal import Principal
from autograph.storage.migrations import upgrade
from autograph.storage.sql import open_database

pytestmark = pytest.mark.feature("gateway.idempotency")


class Work:
    """A service that counts what it does; `status` and `error` are what it answers."""

    def __init__(self):
        self.done, self.status, self.error, self.body = 0, 201, None, b"made"
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self, scope, receive, send):
        message = await receive()
        self.done += 1
        self.digest = dict(scope["headers"]).get(b"x-autograph-idempotency")
        await self.may_end.wait()
        if self.error:
            raise self.error
        headers = [(b"content-type", b"text/plain"), (b"location", b"/x/1"), (b"set-cookie", b"a=b")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        content = self.body + b" " + message["body"] + f" {self.done}".encode()
        await send({"type": "http.response.body", "body": content})


@pytest.fixture
def clock():
    """Time that stands still."""
    return HandClock()


@pytest.fixture
async def store(database_url, clock):
    """Keys in an empty database."""
    database = open_database(database_url)
    await upgrade(database, "gateway")
    yield KeyStore(database, clock, lease_seconds=30)
    await database.close()


@pytest.fixture
def work():
    """What stands behind the layer."""
    return Work()


@pytest.fixture
def ask(store, work):
    """Sends one call as somebody under a key."""
    app = Idempotency(
        work, store=store, settings=IdempotencySettings(largest_body_bytes=2048, largest_answer_bytes=1024)
    )

    async def ask(key="k1", body=b"order", who="ada", method="POST", path="/api/x"):
        async def known(scope, receive, send):
            state = {"principal": Principal(user_id=who, email="a@example.org")} if who else {}
            await app({**scope, "state": state}, receive, send)

        headers = {"idempotency-key": key} if key is not None else {}
        return await Caller(Problems(known), headers)(method, path, content=body)

    return ask


async def test_the_second_call_gets_the_first_answer(ask, work):
    """Status, body and what matters of the headers are repeated, marked as a repetition; the work is done once."""
    first, second = await ask(), await ask()
    assert (second.status, second.body) == (first.status, first.body) == (201, b"made order 1")
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert second.headers["location"] == "/x/1"
    assert "set-cookie" not in second.headers
    assert work.done == 1
    assert len(work.digest) == 64


@pytest.mark.parametrize("other", [{"who": "bob"}, {"path": "/api/y"}, {"method": "PUT"}, {"key": "k2"}])
async def test_a_key_is_one_persons_for_one_call(ask, work, other):
    """Another person, path, method or key is another call: nobody gets another's answer."""
    await ask()
    assert (await ask(**other)).body == b"made order 2"


async def test_what_auth_answers_is_not_kept(ask, work):
    """It may hold a secret that is shown once: each call is done, and nothing of the answer is in the database."""
    path = "/api/auth/api-keys"
    first, second = await ask(path=path), await ask(path=path)
    assert (first.body, second.body) == (b"made order 1", b"made order 2")


async def test_another_body_is_refused(ask, work):
    """The same key with another body is a 422, and nothing is done."""
    await ask()
    answer = await ask(body=b"another")
    assert (answer.status, answer.slug) == (422, "idempotency-key-reused")
    assert work.done == 1


async def test_while_the_first_call_runs_others_wait_outside(ask, work):
    """The second call gets a 409 with a pause; once the first has ended, its answer."""
    work.may_end.clear()
    first = asyncio.create_task(ask())
    while not work.done:
        await asyncio.sleep(0.01)
    second = await ask()
    assert (second.status, second.slug, second.headers["retry-after"]) == (409, "idempotency-key-in-use", "1")
    work.may_end.set()
    assert (await first).body == (await ask()).body
    assert work.done == 1


@pytest.mark.parametrize("status", [400, 401, 403, 413, 422, 429, 502, 503, 504])
async def test_what_was_not_done_may_be_tried_again(ask, work, status):
    """Answers that tell of nothing done are not kept: the call may be mended and sent under the same key."""
    work.status = status
    await ask()
    work.status = 201
    assert (await ask(body=b"mended")).body == b"made mended 2"


@pytest.mark.parametrize("status", [200, 204, 404, 409, 500])
async def test_the_works_own_errors_are_repeated(ask, work, status):
    """What the work came to is kept, also when it is an error."""
    work.status = status
    assert (await ask()).status == (await ask()).status == status
    assert work.done == 1


async def test_what_breaks_off_leaves_no_stuck_key(ask, work):
    """A failure in the middle frees the key at once."""
    work.error = RuntimeError()
    assert (await ask()).status == 500
    work.error = None
    assert (await ask()).body == b"made order 2"


async def test_a_dead_attempt_frees_its_key_after_its_lease(ask, store, work, clock):
    """A process that was killed holds its key no longer than its lease; then exactly one other takes over."""
    await ask()
    import hashlib

    key = hashlib.sha256(b"ada\nPOST\n/api/x\nk9").hexdigest()
    fingerprint = hashlib.sha256(b"\norder").hexdigest()
    assert (await store.claim(key, fingerprint)).holder
    assert (await ask(key="k9")).status == 409
    clock.wind(seconds=31)
    answers = await asyncio.gather(*(ask(key="k9") for _ in range(5)))
    assert sorted({answer.status for answer in answers}) in ([201], [201, 409])
    assert work.done == 2


async def test_after_a_day_a_key_is_new(ask, work, clock):
    """What was answered yesterday is forgotten."""
    await ask()
    clock.wind(hours=25)
    assert (await ask(body=b"other")).body == b"made other 2"


async def test_fifty_at_once_make_one_effect(ask, work):
    """Of fifty parallel calls one works; all others get its answer or are told to wait."""
    answers = await asyncio.gather(*(ask(key="many") for _ in range(50)))
    assert work.done == 1
    assert {answer.status for answer in answers} <= {201, 409}
    assert (await ask(key="many")).headers["idempotency-replayed"] == "true"


async def test_sizes_are_bounded(ask, work):
    """A body that cannot be held is refused, an answer that cannot be kept is given and not repeated."""
    assert (await ask(body=b"x" * 4096)).slug == "too-large"
    work.body = b"y" * 2048
    await ask(key="large")
    assert (await ask(key="large")).status == 201
    assert work.done == 2


@pytest.mark.parametrize("call", [{"key": None}, {"who": None}, {"method": "GET"}])
async def test_without_key_or_identity_or_effect_nothing_happens(ask, work, call):
    """Calls without a key, anonymous ones and reading ones go straight through."""
    await ask(**call)
    await ask(**call)
    assert work.done == 2
    assert work.digest is None


@pytest.mark.parametrize(
    ("sent", "key"),
    [("abc", "abc"), ('"abc"', "abc"), (r'"a\"b\\"', 'a"b\\'), ("  abc ", "abc"), ("x" * 255, "x" * 255)],
)
def test_keys_come_quoted_or_bare(sent, key):
    """A Structured Field string and the bare form that many send mean the same key."""
    assert parsed(sent) == key


@pytest.mark.parametrize("sent", ["", '""', '"abc', '"a"b"', "x" * 256, "caf\xe9", "a\tb", r'"a\x"'])
def test_bad_keys_are_refused(sent):
    """Empty, unbalanced, too long or unprintable: a 400, not a guess."""
    with pytest.raises(Malformed):
        parsed(sent)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=255))
def test_every_printable_key_survives_quoting(key):
    """What is quoted by the rules is read back as it was."""
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    assert parsed(f'"{escaped}"') == key
