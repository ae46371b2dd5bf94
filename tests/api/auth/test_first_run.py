"""The first administrator is made once, by whoever holds the printed link."""

import asyncio

import pytest

BODY = {"email": "root@example.org", "name": "Root", "password": "correct horse battery"}


def body(code, **changes):
    return {**BODY, "code": code, **changes}


async def test_the_link_makes_an_administrator_and_signs_them_in(call, auth, code_of, identify):
    """The code of the link opens the first run once; its answer sets the session cookie."""
    code = await code_of(auth)
    before = (await call("GET", "/api/auth/first-run")).json()
    checked = await call("POST", "/api/auth/first-run/check", {"code": code})

    answer = await call("POST", "/api/auth/first-run", body(code))

    assert before == {"needed": True, "registration": "open"}
    assert checked.status == 204
    assert answer.status == 201
    assert answer.json()["user"]["roles"] == ["admin"]
    cookie = answer.headers["set-cookie"].split(";")[0].removeprefix("autograph=")
    assert (await identify(cookie=cookie)).json()["principal"]["roles"] == ["admin"]
    assert (await call("GET", "/api/auth/first-run")).json()["needed"] is False


async def test_a_second_use_of_the_link_is_told_so(call, auth, code_of):
    """A used link answers 409 first-run-done and makes nobody."""
    code = await code_of(auth)
    await call("POST", "/api/auth/first-run", body(code))

    again = await call("POST", "/api/auth/first-run", body(code, email="mallory@example.org"))

    assert (again.status, again.slug) == (409, "first-run-done")
    assert (await call("POST", "/api/auth/first-run/check", {"code": code})).slug == "first-run-done"


async def test_two_at_once_make_one_administrator(call, auth, code_of):
    """Of ten people with the same link at the same moment, one becomes administrator."""
    code = await code_of(auth)
    tries = [call("POST", "/api/auth/first-run", body(code, email=f"a{n}@example.org")) for n in range(10)]

    answers = await asyncio.gather(*tries)

    assert sorted(answer.status for answer in answers) == [201] + [409] * 9


@pytest.mark.parametrize("code", ["AAAA-BBBB-CCCC", "", "x", "%00", "ÄÖÜ-ÄÖÜ-ÄÖÜ"])
async def test_a_wrong_code_opens_nothing(call, auth, code_of, code):
    """Any code but the printed one is 403 first-run-code."""
    await code_of(auth)

    answer = await call("POST", "/api/auth/first-run", body(code))

    assert (answer.status, answer.slug) == (403, "first-run-code")


async def test_a_link_that_is_replaced_meanwhile_opens_nothing(call, auth, code_of):
    """A new start that comes while the password is being hashed makes the old link worthless."""
    passwords, old, new = auth.state.parts.passwords, await code_of(auth), []
    hash_password = passwords.hash

    async def slow(password):
        new.append(await code_of(auth))
        return await hash_password(password)

    passwords.hash = slow
    refused = await call("POST", "/api/auth/first-run", body(old))
    passwords.hash = hash_password

    assert refused.slug == "first-run-code"
    assert (await call("POST", "/api/auth/first-run", body(new[0]))).status == 201


async def test_the_link_ends_after_an_hour(call, auth, code_of, clock):
    """After 60 minutes the code is worth nothing."""
    code = await code_of(auth)
    clock.wind(minutes=60)

    answer = await call("POST", "/api/auth/first-run", body(code))

    assert answer.slug == "first-run-code"
    assert (await call("POST", "/api/auth/first-run/check", {"code": code})).slug == "first-run-code"


async def test_a_new_start_replaces_the_link(call, auth, code_of):
    """The link of the last start is the only one that works."""
    old, new = await code_of(auth), await code_of(auth)

    refused = await call("POST", "/api/auth/first-run", body(old))
    taken = await call("POST", "/api/auth/first-run", body(new))

    assert (refused.slug, taken.status) == ("first-run-code", 201)


async def test_no_link_is_made_once_there_is_an_administrator(auth, code_of):
    """An administrator made from the command line ends the first run as well."""
    await auth.state.accounts.create_administrator("root@example.org", "Root", BODY["password"])

    assert await auth.state.accounts.new_first_run_code() is None


async def test_a_bad_password_does_not_use_the_link_up(call, auth, code_of):
    """A 422 names the field, and the same link works with a better password."""
    code = await code_of(auth)

    refused = await call("POST", "/api/auth/first-run", body(code, password="short"))
    taken = await call("POST", "/api/auth/first-run", body(code))

    assert refused.wrong_fields == {"password"}
    assert taken.status == 201


async def test_the_code_is_read_as_people_type(call, auth, code_of):
    """Lower case, blanks and missing dashes do not matter."""
    code = await code_of(auth)
    typed = f" {code.lower().replace('-', ' ')} "

    assert (await call("POST", "/api/auth/first-run", body(typed))).status == 201
