"""Drawing jobs over HTTP: what people send, what they see, and what they never see."""

import asyncio
import json

import pytest
from tests.api.analysis.conftest import COMPOSE, archive

from autograph.model.flags import Flag

ENDED = {"done", "failed", "cancelled"}


async def finished(person, job):
    """Wait for a job's end and return it."""
    for _ in range(600):
        seen = (await person("GET", f"/api/analysis/jobs/{job['id']}")).json()
        if seen["state"] in ENDED:
            return seen
        await asyncio.sleep(0.02)
    raise AssertionError(seen)


async def uploaded(person, content, filename="shop.zip"):
    """Upload an archive and wait for the end of its job."""
    answer = await person("POST", f"/api/analysis/jobs/upload?filename={filename}", content=content)
    assert answer.status == 202, answer.body
    return await finished(person, answer.json())


@pytest.mark.feature("sources.infrastructure")
async def test_an_uploaded_archive_becomes_a_model(opened, as_person):
    """Services and stores of a Compose file, each relation with file and line."""
    ines = as_person(await opened())
    job = await uploaded(
        ines, archive(compose_yml=COMPOSE, orders__Dockerfile="FROM x\n", payments__Dockerfile="FROM x\n")
    )

    assert job["state"] == "done", job
    assert job["summary"]["services"] == 2
    assert job["summary"]["stores"] == 1
    model = (await ines("GET", f"/api/analysis/jobs/{job['id']}/model")).json()
    assert {(e["source"], e["target"]) for e in model["edges"]} >= {("orders", "payments"), ("orders", "db")}
    assert all(edge["evidence"][0]["file"] and edge["evidence"][0]["line"] for edge in model["edges"])


async def test_progress_is_told_until_the_end(opened, as_person):
    """The event stream gives the job again and again, at last as done."""
    ines = as_person(await opened())
    files = {f"src__m{n}_py": "import os\n" * 50 for n in range(300)}
    answer = await ines("POST", "/api/analysis/jobs/upload?filename=a.zip", content=archive(**files))
    stream = await ines("GET", f"/api/analysis/jobs/{answer.json()['id']}/events")
    jobs = [json.loads(line[6:]) for line in stream.body.decode().splitlines() if line.startswith("data: ")]

    assert stream.headers["content-type"].startswith("text/event-stream")
    assert jobs[-1]["state"] == "done"
    assert max(job["progress"]["total"] for job in jobs) >= 300


async def test_nothing_recognised_is_done_and_empty(opened, as_person):
    """An archive of holiday pictures is no error: the model is empty."""
    job = await uploaded(as_person(await opened()), archive(readme_txt="hello", picture_jpg="\xff"))

    assert job["state"] == "done"
    assert job["summary"]["nodes"] == []


async def test_one_broken_file_is_listed_and_the_others_are_read(opened, as_person):
    """Broken YAML and invalid UTF-8 cost one file each."""
    ines = as_person(await opened())
    content = archive(
        compose_yml=COMPOSE,
        deploy__broken_yaml="apiVersion: v1\nkind: Service\nmetadata: {name: [x\n",
        bad__application_yml=b"\xff\xfe\x00: [",
    )
    job = await uploaded(ines, content)
    model = (await ines("GET", f"/api/analysis/jobs/{job['id']}/model")).json()

    assert job["summary"]["services"] == 2
    assert "deploy/broken.yaml" in {skipped["file"] for skipped in model["skipped"]}


@pytest.mark.feature("security.untrusted-input")
async def test_a_hostile_archive_fails_with_its_reason(opened, as_person):
    """The job ends as failed with the problem; the service lives on."""
    ines = as_person(await opened())
    job = await uploaded(ines, archive(**{"..__..__evil_txt": "x"}))

    assert job["state"] == "failed"
    assert job["problem"]["type"].endswith("archive-unsafe")
    assert (await uploaded(ines, archive(compose_yml=COMPOSE)))["state"] == "done"


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"git_url": "file:///etc"}, 422, "git-url-refused"),
        ({"git_url": "https://u:p@github.com/a/b"}, 422, "git-url-refused"),
        ({"git_url": "ssh://git@github.com/a"}, 422, "git-url-refused"),
        ({}, 422, "invalid"),
        ({"git_url": "https://a/b", "root": "r"}, 422, "invalid"),
        ({"root": "none", "folder": ""}, 404, "not-found"),
        ({"git_url": "x" * 5000}, 422, "invalid"),
        ({"git_url": "https://a/b", "role": "admin"}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_drawn_is_refused_at_once(opened, as_person, body, status, slug):
    """A bad source never becomes a job."""
    answer = await as_person(await opened())("POST", "/api/analysis/jobs", body)

    assert (answer.status, answer.slug) == (status, slug)


async def test_a_git_url_into_the_inside_network_fails(opened, as_person):
    """The name resolves to loopback: the job says so and nothing is fetched."""
    ines = as_person(await opened())
    answer = await ines("POST", "/api/analysis/jobs", {"git_url": "https://localhost/a/b"})
    job = await finished(ines, answer.json())

    assert job["problem"]["type"].endswith("git-url-refused")


async def test_only_allowed_folders_of_the_server_are_drawn(opened, as_person, tmp_path):
    """Inside a root, yes; by `..`, by a link, or elsewhere, the same answer as for what is not there."""
    root = tmp_path / "repositories"
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "compose.yml").write_text(COMPOSE)
    (root / "way-out").symlink_to("/etc")
    ines = as_person(await opened(roots=(root,)))
    listed = (await ines("GET", "/api/analysis/roots")).json()["roots"]
    good = await ines("POST", "/api/analysis/jobs", {"root": "repositories", "folder": "shop"})

    assert [found["name"] for found in listed] == ["repositories"]
    assert (await finished(ines, good.json()))["summary"]["services"] == 2
    for folder in (
        "..",
        "../..",
        "/etc",
        "way-out",
        "shop/../../analysis",
        "none",
        "shop/compose.yml",
        "a\x00b",
    ):
        answer = await ines("POST", "/api/analysis/jobs", {"root": "repositories", "folder": folder})
        assert (answer.status, answer.slug) == (404, "not-found"), folder


async def test_a_job_is_its_owners(opened, as_person):
    """Another person's job is not there: not to see, not to cancel, not to make a document of."""
    app = await opened()
    ines, mallory = as_person(app), as_person(app)
    job = await uploaded(ines, archive(compose_yml=COMPOSE))
    path = f"/api/analysis/jobs/{job['id']}"

    for method, suffix, body in (
        ("GET", "", None),
        ("GET", "/model", None),
        ("GET", "/events", None),
        ("DELETE", "", None),
    ):
        assert (await mallory(method, path + suffix, body)).status == 404
    assert (await mallory("POST", path + "/document", {"title": "mine"})).status == 404


async def test_nobody_is_refused(opened):
    """Without proof of identity every call is a 401, also with a forged assertion."""
    from tests.caller import Caller

    app = await opened()
    for headers in ({}, {"x-autograph-identity": "eyJhbGciOiJub25lIn0.e30."}, {"x-user-id": "1"}):
        assert (await Caller(app, headers)("GET", "/api/analysis/roots")).status == 401


async def test_an_upload_over_the_limit_is_refused_and_removed(opened, as_person, tmp_path):
    """By its declared length, and while it arrives when nothing is declared."""
    ines = as_person(await opened(largest_upload_bytes=1024 * 1024))

    async def pieces():
        for _ in range(20):
            yield b"0" * 100_000

    declared = await ines("POST", "/api/analysis/jobs/upload?filename=a.zip", content=b"0" * 1_100_000)
    growing = await ines("POST", "/api/analysis/jobs/upload?filename=a.zip", pieces=pieces())

    assert (declared.status, growing.status) == (413, 413)
    assert not list((tmp_path / "analysis" / "scratch").iterdir())


@pytest.mark.parametrize("filename", ["a.exe", "a", "a.zip.txt", "x" * 300 + ".zip"])
async def test_only_archives_are_taken(opened, as_person, filename):
    """The ending is asked before the bytes."""
    answer = await as_person(await opened())(
        "POST", f"/api/analysis/jobs/upload?filename={filename}", content=b"x"
    )

    assert answer.status == 422


async def test_a_job_can_be_called_off(opened, as_person, tmp_path):
    """It ends as cancelled, its worker is gone, its files too."""
    app = await opened()
    ines = as_person(app)
    files = {f"s__m{n}_java": f"class C{n} {{ void f() {{ {'g();' * 400} }} }}" for n in range(1500)}
    job = (await ines("POST", "/api/analysis/jobs/upload?filename=a.zip", content=archive(**files))).json()
    await asyncio.sleep(0.3)
    assert (await ines("DELETE", f"/api/analysis/jobs/{job['id']}")).status == 204

    assert (await finished(ines, job))["state"] == "cancelled"
    for _ in range(100):
        if not list((tmp_path / "analysis" / "scratch").iterdir()):
            break
        await asyncio.sleep(0.05)
    assert not list((tmp_path / "analysis" / "scratch").iterdir())


async def test_reading_that_never_ends_is_ended(opened, as_person):
    """Past its time the worker is killed and the job says so; the next job works."""
    ines = as_person(await opened(reading_seconds=0.05))
    job = await uploaded(ines, archive(**{f"s__m{n}_py": "x = 1\n" * 3000 for n in range(400)}))

    assert job["problem"]["type"].endswith("reading-failed")


async def test_one_person_has_so_many_jobs_at_once(opened, as_person):
    """The next one is refused with 429 until one has finished; another person is not."""
    app = await opened(jobs_per_person=1, jobs_at_once=1)
    ines, tomas = as_person(app), as_person(app)
    content = archive(**{f"s__m{n}_py": "x = 1\n" * 500 for n in range(300)})
    first = await ines("POST", "/api/analysis/jobs/upload?filename=a.zip", content=content)
    second = await ines("POST", "/api/analysis/jobs/upload?filename=a.zip", content=content)

    assert (second.status, second.slug) == (429, "too-many-jobs")
    assert (await tomas("POST", "/api/analysis/jobs/upload?filename=a.zip", content=content)).status == 202
    await finished(ines, first.json())


@pytest.mark.feature("observability.alerts")
async def test_how_long_the_oldest_job_waits_is_measured(opened, as_person):
    """While every place is taken the wait grows; with the job's turn it is over."""
    app = await opened(jobs_at_once=1)
    drawings, ines = app.state.drawings, as_person(app)
    assert drawings.gauges() == {"analysis_queue": 0.0, "analysis_queue_age_seconds": 0.0}
    async with drawings._slots:
        content = archive(compose_yaml=COMPOSE)
        job = await ines("POST", "/api/analysis/jobs/upload?filename=a.zip", content=content)
        await asyncio.sleep(0.1)
        waits = drawings.gauges()
    assert waits["analysis_queue"] == 1
    assert waits["analysis_queue_age_seconds"] > 0.05
    await finished(ines, job.json())
    assert drawings.gauges()["analysis_queue"] == 0


async def test_a_finished_job_survives_a_restart(opened, as_person, keys):
    """Its model is on disk; another process of the same folder finds it, for its owner only."""
    first = await opened()
    ines = as_person(first)
    job = await uploaded(ines, archive(compose_yml=COMPOSE))
    second = await opened()
    again = type(ines)(second, ines.headers)

    assert (await again("GET", f"/api/analysis/jobs/{job['id']}/model")).status == 200
    assert (await as_person(second)("GET", f"/api/analysis/jobs/{job['id']}/model")).status == 404
    assert (await again("GET", "/api/analysis/jobs/..%5Cx/model")).status == 404


async def test_a_job_without_a_result_makes_no_document(opened, as_person):
    """A failed job answers 409, not a broken document."""
    ines = as_person(await opened())
    job = await uploaded(ines, b"no archive at all")
    answer = await ines("POST", f"/api/analysis/jobs/{job['id']}/document", {"title": "x"})

    assert (answer.status, answer.slug) == (409, "job-not-finished")


@pytest.mark.feature("platform.feature-flags")
async def test_git_can_be_switched_off(opened, as_person, rules):
    """Where administrators have switched it off, a git address is refused; archives are read as ever."""
    rules.append(Flag(key="import-from-git", enabled=False, version=1))
    ask = as_person(await opened())
    answer = await ask("POST", "/api/analysis/jobs", {"git_url": "https://git.example.com/shop.git"})
    assert (answer.status, answer.slug) == (403, "feature-off")
    assert "archive" in answer.json()["detail"]
    path = "/api/analysis/jobs/upload?filename=shop.zip"
    assert (await ask("POST", path, content=archive(compose_yaml=COMPOSE))).status == 202
