"""Live figures as event streams, in both shapes: they come without being asked for, and end with the right to them."""

import time

import pytest
from tests.system.conftest import signed_in

pytestmark = pytest.mark.feature("auth.logout")

STREAM = "/api/ops/stream"


class Listening:
    """An open event stream."""

    def __init__(self, person):
        self._connection = person.installation.door.connect(timeout_seconds=15)
        self._connection.request("GET", STREAM, headers={"authorization": f"Bearer {person.token}"})
        self.answer = self._connection.getresponse()
        assert self.answer.status == 200
        assert len(self.answer.headers.get_all("date")) == 1  # also when two servers stand in a row

    def event(self):
        """The next line of data; empty when the stream has ended."""
        while line := self.answer.readline():
            if line.startswith(b"data:"):
                return line
        return b""

    def ends_within(self, seconds):
        """Read to the end; return whether it came in time."""
        until = time.monotonic() + seconds
        try:
            while self.event() and time.monotonic() < until:
                pass
            return time.monotonic() <= until
        finally:
            self.answer.close()
            self._connection.close()


@pytest.fixture
def operator(ada, bob):
    """Bob, who may look behind the scenes; how to change what he may."""
    _, _, found = ada("GET", f"/api/auth/admin/users?search={bob.email}")
    (account,) = [one["id"] for one in found["items"]]

    def becomes(*roles):
        status, _, answer = ada("PATCH", f"/api/auth/admin/users/{account}", {"roles": list(roles)})
        assert status == 200, answer

    becomes("editor", "admin")
    yield account, becomes
    ada("POST", f"/api/auth/admin/users/{account}/enable")


def listening(bob):
    """Bob's stream, once his rights have reached the door."""
    person = signed_in(bob.installation, bob.email)
    found = Listening(person)
    assert found.event()
    return person, found


def test_a_stream_ends_with_the_session(bob, operator):
    """Figures come again and again; signed out, nothing comes after five seconds, and the end is a proper one."""
    person, stream = listening(bob)
    assert stream.event()
    assert person("POST", "/api/auth/logout")[0] == 204
    assert stream.ends_within(5)


def test_a_stream_ends_with_the_role(bob, operator):
    """Without the role that allowed it the stream ends, and does not begin again."""
    person, stream = listening(bob)
    operator[1]("editor")
    assert stream.ends_within(5)
    assert person("GET", STREAM)[0] == 403


def test_a_stream_ends_with_the_account(bob, ada, operator):
    """Whoever is disabled sees nothing more."""
    person, stream = listening(bob)
    assert ada("POST", f"/api/auth/admin/users/{operator[0]}/disable")[0] in {200, 204}
    assert stream.ends_within(5)
    assert person("GET", STREAM)[0] == 401


def test_an_ended_stream_is_no_error(bob, ada, operator):
    """What was ended on purpose counts as served, by the gateway and by the service."""
    person, stream = listening(bob)
    assert person("POST", "/api/auth/logout")[0] == 204
    assert stream.ends_within(5)
    for service in ("gateway", "watch"):
        _, _, routes = ada("GET", f"/api/ops/services/{service}/routes")
        streams = [row for row in routes["items"] if row["route"] in {"/api/ops", STREAM}]
        assert all(not row["error_ratio"] for row in streams), (service, streams)
