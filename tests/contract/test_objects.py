"""What every object store promises: a folder and S3."""

import asyncio
import os

import pytest

from autograph.core import calls
from autograph.core.problem import NotFound, Unavailable
from autograph.storage.objects import FolderObjects, open_objects

pytestmark = pytest.mark.feature("platform.objects")


@pytest.fixture(params=["folder", "s3"])
def objects(request, tmp_path):
    """An empty store, once as a folder and once as a bucket's prefix of this test's own."""
    if request.param == "folder":
        return open_objects(f"file://{tmp_path}/objects")
    url, (access, secret) = request.getfixturevalue("s3_url"), request.getfixturevalue("s3_keys")
    return open_objects(url.replace("/test?", f"/{tmp_path.name}?"), access_key=access, secret_key=secret)


async def test_what_is_put_is_got(objects):
    """Bytes come back as they went in, and a second put replaces the first."""
    await objects.put("pictures/a/1.svg", b"\x00one")
    await objects.put("pictures/a/1.svg", os.urandom(300_000) + b"two")

    assert (await objects.get("pictures/a/1.svg")).endswith(b"two")


async def test_what_was_never_put_is_not_found(objects):
    """A missing object is a NotFound problem, not an empty one."""
    with pytest.raises(NotFound):
        await objects.get("pictures/none.svg")


async def test_a_deleted_object_is_gone_and_deleting_twice_is_fine(objects):
    """Delete is idempotent."""
    await objects.put("a", b"1")
    await objects.delete("a")
    await objects.delete("a")

    with pytest.raises(NotFound):
        await objects.get("a")


@pytest.mark.feature("observability.disk")
async def test_what_is_kept_is_summed_by_the_first_part_of_its_key(objects):
    """Objects and bytes below each first part; what was replaced or deleted does not count."""
    assert await objects.usage() == {}
    for key, size in (("x/1", 10), ("x/y/2", 5), ("x/1", 7), ("z/4", 100_000), ("z/5", 1)):
        await objects.put(key, bytes(size))
    await objects.delete("z/5")
    assert await objects.usage() == {"x": (2, 12), "z": (1, 100_000)}


async def test_keys_are_listed_by_prefix(objects):
    """A listing names exactly the keys below the prefix."""
    for key in ("x/1", "x/2", "xy/3", "z/4"):
        await objects.put(key, b"-")

    assert sorted([key async for key in objects.keys("x/")]) == ["x/1", "x/2"]
    assert len([key async for key in objects.keys("")]) == 4


@pytest.mark.feature("observability.dependencies")
async def test_calls_are_told(objects):
    """Whoever watches calls sees each with its operation; what is not there is no fault of the store's."""
    seen = []
    stop = calls.observe(seen.append)
    await objects.put("a", b"-")
    with pytest.raises(NotFound):
        await objects.get("b")
    assert [key async for key in objects.keys("")] == ["a"]
    await objects.delete("a")
    stop()
    assert [(call.target, call.kind, call.operation, call.failed) for call in seen] == [
        ("objects", "objects", operation, False) for operation in ("PUT", "GET", "LIST", "DELETE")
    ]


@pytest.mark.parametrize("key", ["../a", "/a", "a/../b", "a//b", "", ".hidden", "a\x00b", "a/.part-1", "ä"])
async def test_a_key_is_a_plain_path(objects, key):
    """Nothing that could leave the folder or the prefix is a key."""
    with pytest.raises(ValueError):
        await objects.put(key, b"-")


async def test_readers_never_see_half_an_object(tmp_path):
    """While one writer replaces an object again and again, readers see whole ones."""
    objects = FolderObjects(tmp_path)
    await objects.put("k", b"0" * 200_000)

    async def write():
        for n in range(1, 8):
            await objects.put("k", str(n).encode() * 200_000)

    async def read():
        return [set(await objects.get("k")) for _ in range(30)]

    _, seen = await asyncio.gather(write(), read())

    assert all(len(values) == 1 for values in seen)


async def test_an_absent_s3_is_unavailable_and_says_no_address():
    """When nobody answers, the problem is a 503 without the endpoint in it."""
    objects = open_objects("s3://b/p?endpoint=http://127.0.0.1:9", access_key="k", secret_key="s")

    with pytest.raises(Unavailable) as caught:
        await objects.get("a")

    assert "127.0.0.1" not in caught.value.detail


def test_another_scheme_is_refused():
    """A typo in the URL is told at start, not at the first write."""
    with pytest.raises(ValueError):
        open_objects("ftp://bucket")
