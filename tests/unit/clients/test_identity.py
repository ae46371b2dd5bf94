"""The verifier believes assertions of known keys, asks for newer keys sparingly, and forgets in time."""

import asyncio

import pytest
from tests import identity
from tests.clock import HandClock
from tests.tokens import Forge, attacks

from autograph.auth.keys import SigningKeys
from autograph.clients.identity import IdentityVerifier, own_keys
from autograph.clients.tokens import ACCESS_TYPE, write_token
from autograph.core.problem import Unauthenticated, Unavailable
from autograph.model.rights import Permission


class Source:
    """A key source that counts how often it is asked, and may be broken."""

    def __init__(self, keys):
        self.keys, self.asked, self.broken = keys, 0, False

    async def __call__(self):
        self.asked += 1
        await asyncio.sleep(0)
        if self.broken:
            raise Unavailable
        return self.keys.jwks()


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def keys():
    return SigningKeys.generate()


@pytest.fixture
def source(keys):
    return Source(keys)


@pytest.fixture
def verifier(source, clock):
    return IdentityVerifier(source, clock=clock, cache_size=8)


def assertion(keys, clock, user_id="ada"):
    return identity.assertion(
        keys, clock, user_id, roles=("admin", "editor"), email="ada@example.org", name="Ada", session_id="s1"
    )


async def test_an_assertion_becomes_the_person_it_speaks_of(verifier, keys, clock):
    """All that auth signed arrives."""
    principal = await verifier.verify(assertion(keys, clock))

    assert principal.model_dump() == {
        "user_id": "ada",
        "email": "ada@example.org",
        "name": "Ada",
        "roles": ("admin", "editor"),
        "session_id": "s1",
        "permissions": frozenset(Permission),
        "key_id": "",
    }


async def test_an_assertion_is_good_for_a_minute_cached_or_not(verifier, keys, clock):
    """At 59 seconds it holds, at 60 it does not, although it was verified before."""
    token = assertion(keys, clock)
    await verifier.verify(token)
    clock.wind(seconds=59)
    assert (await verifier.verify(token)).user_id == "ada"
    clock.wind(seconds=1)
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


@pytest.mark.parametrize("missing", ["sub", "email", "name", "roles", "sid"])
async def test_an_assertion_that_leaves_something_out_is_refused(verifier, keys, clock, missing):
    """Half an identity is none."""
    now = int(clock.now().timestamp())
    claims = {"sub": "a", "email": "a@b", "name": "A", "roles": [], "sid": "s"}
    claims |= {"iss": "autograph", "aud": "autograph-internal", "exp": now + 60}
    del claims[missing]
    with pytest.raises(Unauthenticated):
        await verifier.verify(write_token(claims, keys.signing, kind="assertion"))


async def test_no_forged_assertion_is_believed(verifier, keys, clock):
    """Every known forgery is refused, also while the true one is remembered; it is never a fault of ours."""
    token = assertion(keys, clock)
    forge = Forge(token, keys.signing, int(clock.now().timestamp()))
    await verifier.verify(token)
    assert (await verifier.verify(forge(jti="x"))).user_id == "ada"
    for name, forged in attacks(forge, other_kind=ACCESS_TYPE).items():
        with pytest.raises(Unauthenticated):
            await verifier.verify(forged)
            pytest.fail(name)


async def test_the_keys_are_asked_for_once(verifier, source, keys, clock):
    """A hundred first requests at once are one question."""
    token = assertion(keys, clock)
    await asyncio.gather(*(verifier.verify(token) for _ in range(100)))
    assert source.asked == 1


async def test_a_new_key_is_found_when_it_is_first_seen(verifier, source, keys, clock):
    """After a rotation the next assertion makes the verifier ask again, and it is believed."""
    await verifier.verify(assertion(keys, clock))
    source.keys = SigningKeys([SigningKeys.generate().signing, keys.signing])

    assert (await verifier.verify(assertion(source.keys, clock))).user_id == "ada"
    assert (await verifier.verify(assertion(keys, clock, "bob"))).user_id == "bob"
    assert source.asked == 2


async def test_forged_key_names_make_no_storm(verifier, source, clock, keys):
    """A thousand unknown keys in five minutes are a dozen questions at most."""
    await verifier.verify(assertion(keys, clock))
    for n in range(1000):
        clock.wind(seconds=0.3)
        with pytest.raises(Unauthenticated):
            await verifier.verify(assertion(SigningKeys.generate() if n % 100 == 0 else FORGER, clock))
    assert source.asked <= 12


FORGER = SigningKeys.generate()


async def test_known_people_get_in_while_the_keys_cannot_be_had(verifier, source, keys, clock):
    """While auth is away known keys still verify; unknown ones are 503, never 401, for they may be new."""
    await verifier.verify(assertion(keys, clock))
    source.broken = True

    assert (await verifier.verify(assertion(keys, clock, "bob"))).user_id == "bob"
    for _ in range(3):
        with pytest.raises(Unavailable):
            await verifier.verify(assertion(FORGER, clock))


async def test_without_keys_nobody_gets_in_and_all_do_when_they_come(source, clock, keys):
    """A start while auth is away answers 503, and recovers by itself."""
    verifier = IdentityVerifier(source, clock=clock)
    source.broken = True
    for _ in range(3):
        with pytest.raises(Unavailable):
            await verifier.verify(assertion(keys, clock))
    source.broken = False
    clock.wind(seconds=8)
    assert (await verifier.verify(assertion(keys, clock))).user_id == "ada"


async def test_the_memory_of_assertions_is_bounded(verifier, keys, clock):
    """A million people do not fill the memory."""
    for n in range(50):
        await verifier.verify(assertion(keys, clock, f"user-{n}"))
    assert len(verifier._cache) == 8


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"x-autograph-identity", b"")],
        [(b"x-user-id", b"ada")],
        [(b"x-autograph-identity", b"\xff")],
        [(b"authorization", b"Bearer x")],
    ],
)
async def test_other_headers_prove_nothing(verifier, headers):
    """Only the one header counts."""
    with pytest.raises(Unauthenticated):
        await verifier.of(headers)


async def test_two_identities_are_none(verifier, keys, clock):
    """A request that carries the header twice is refused, even with two good ones."""
    header = (b"x-autograph-identity", assertion(keys, clock).encode())
    assert (await verifier.of([header])).user_id == "ada"
    with pytest.raises(Unauthenticated):
        await verifier.of([header, header])


async def test_keys_at_hand_are_a_source(keys, clock):
    """In one process the keys are given directly."""
    verifier = IdentityVerifier(own_keys(keys.jwks), clock=clock)
    assert (await verifier.verify(assertion(keys, clock))).user_id == "ada"


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": [1]}, {"keys": [{"crv": "Ed25519"}]}])
async def test_a_broken_key_set_is_unavailable(clock, keys, document):
    """What is no key set is not taken for an empty one."""
    with pytest.raises(Unavailable):
        await IdentityVerifier(own_keys(lambda: document), clock=clock).verify(assertion(keys, clock))
