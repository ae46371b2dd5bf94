"""The picture of a canvas is kept harmless, belongs to a version, and is served so that it cannot run."""

import asyncio

import pytest

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="#123456"/>{}</svg>'


def svg(inner=""):
    return SVG.format(inner).encode()


@pytest.fixture
async def path(create):
    return f"/api/diagrams/{(await create())['id']}"


@pytest.mark.feature("security.untrusted-input")
async def test_a_picture_comes_back_harmless(ada, path):
    """Scripts and handlers are gone, shapes are there, and the headers forbid running, sniffing and framing."""
    evil = svg('<script>alert(1)</script><circle r="2" onload="alert(2)"/>')

    put = await ada(
        "PUT", f"{path}/picture?version=1", content=evil, headers={"content-type": "image/svg+xml"}
    )
    got = await ada("GET", f"{path}/picture")

    assert put.status == 204
    assert b"alert" not in got.body
    assert b"#123456" in got.body
    assert got.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"].startswith("attachment")
    assert (await ada("GET", path)).json()["picture_version"] == 1


async def test_a_picture_is_cached_by_its_version(ada, path):
    """The ETag names the version that the picture shows; who has it gets 304."""
    await ada("PUT", f"{path}/picture?version=1", content=svg())
    got = await ada("GET", f"{path}/picture")

    assert got.headers["etag"] == '"p1"'
    assert (await ada("GET", f"{path}/picture", headers={"if-none-match": '"p1"'})).status == 304


async def test_an_older_picture_never_replaces_a_newer_one(ada, path, objects):
    """A late picture of version 1 is let go, and the object of the replaced one is removed."""
    await ada("PUT", f"{path}/picture?version=1", content=svg("<g id='one'/>"))
    await ada("PUT", path, {"expected_version": 1, "note": "x"})
    await ada("PUT", f"{path}/picture?version=2", content=svg("<g id='two'/>"))
    late = await ada("PUT", f"{path}/picture?version=1", content=svg("<g id='late'/>"))

    assert late.status == 204
    assert b"two" in (await ada("GET", f"{path}/picture")).body
    assert [key async for key in objects.keys("pictures/")] == [f"pictures/{path.rpartition('/')[2]}/2.svg"]


async def test_pictures_at_once_leave_the_newest_and_no_orphan(ada, path, objects):
    """Of ten pictures of ten versions sent together the newest stays, and the others' objects are gone."""
    for version in range(1, 10):
        await ada("PUT", path, {"expected_version": version, "note": f"{version}"})
    sent = [
        ada("PUT", f"{path}/picture?version={n}", content=svg(f"<g id='v{n}'/>")) for n in range(10, 0, -1)
    ]
    await asyncio.gather(*sent)

    assert (await ada("GET", path)).json()["picture_version"] == 10
    assert b"v10" in (await ada("GET", f"{path}/picture")).body
    assert [key async for key in objects.keys("pictures/")] == [f"pictures/{path.rpartition('/')[2]}/10.svg"]


@pytest.mark.parametrize("version", ["0", "2", "x", "", "99999999999"])
async def test_a_picture_needs_a_version_that_is(ada, path, version):
    """A version that does not exist is 422 naming it."""
    answer = await ada("PUT", f"{path}/picture?version={version}", content=svg())

    assert answer.wrong_fields == {"version"}


@pytest.mark.parametrize(
    "content", [b"", b"no svg", b"<html/>", b"\x89PNG\r\n", svg()[:-4], b"<!DOCTYPE svg>" + svg()]
)
async def test_what_is_no_svg_is_refused(ada, path, content):
    """Anything but one whole SVG document is 422, and nothing is kept."""
    answer = await ada("PUT", f"{path}/picture?version=1", content=content)

    assert answer.wrong_fields == {"body"}
    assert (await ada("GET", f"{path}/picture")).slug == "not-found"


async def test_a_picture_larger_than_allowed_is_413(ada, path):
    """More than 4 MiB is refused."""
    answer = await ada("PUT", f"{path}/picture?version=1", content=svg("x" * 5 * 1024 * 1024))

    assert (answer.status, answer.slug) == (413, "too-large")


async def test_a_lost_object_is_not_found(ada, path, objects):
    """When the object store has lost the picture, the answer is 404 and the document is untouched."""
    await ada("PUT", f"{path}/picture?version=1", content=svg())
    await objects.delete(f"pictures/{path.rpartition('/')[2]}/1.svg")

    assert (await ada("GET", f"{path}/picture")).status == 404
    assert (await ada("GET", path)).status == 200
