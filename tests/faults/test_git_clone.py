"""Cloning from a real git server on loopback: what comes, and what does not come along."""

import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from autograph.analysis.settings import AnalysisSettings
from autograph.analysis.sources import cloned
from autograph.analysis.sources.archive import Cancelled
from autograph.analysis.sources.git import GitFailed


def git(*arguments, cwd):
    """Run git as a person of no importance."""
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=cwd, env=env, check=True, capture_output=True, text=True
    ).stdout.strip()


class Backend(BaseHTTPRequestHandler):
    """The smart protocol through git's own CGI program."""

    def answer(self):
        parts = urlsplit(self.path)
        if parts.path.startswith("/away/"):
            self.send_response(302)
            self.send_header("Location", self.path.replace("/away/", "/"))
            self.end_headers()
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        env = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(self.server.root), "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command, "PATH_INFO": parts.path, "QUERY_STRING": parts.query, "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": self.headers.get("content-type", ""), "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": self.headers.get("git-protocol", ""),
        }  # fmt: skip
        out = subprocess.run(
            ["git", "http-backend"], input=body, env=env, capture_output=True, check=False
        ).stdout
        head, _, rest = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(rest)

    do_GET = do_POST = answer

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def server(tmp_path):
    """A server of one repository `shop.git` with branches main and next, and a link out of it."""
    work = tmp_path / "work"
    work.mkdir()
    git("init", "-q", cwd=work)
    (work / "compose.yml").write_text("services: {}\n")
    (work / "outside").symlink_to("/etc/passwd")
    git("add", ".", cwd=work)
    git("commit", "-qm", "one", cwd=work)
    git("checkout", "-qb", "next", cwd=work)
    (work / "next.txt").write_text("2")
    git("add", ".", cwd=work)
    git("commit", "-qm", "two", cwd=work)
    git("checkout", "-q", "main", cwd=work)
    (tmp_path / "served").mkdir()
    git("clone", "-q", "--bare", str(work), str(tmp_path / "served" / "shop.git"), cwd=tmp_path)
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    httpd.root = tmp_path / "served"
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{httpd.server_port}", git("rev-parse", "main", cwd=work)
    httpd.shutdown()
    httpd.server_close()


def settings(host, **more):
    """Settings that allow this host."""
    return AnalysisSettings(allowed_git_hosts=(host,), **more)


def test_the_newest_commit_comes_without_history_and_without_links(server, tmp_path):
    """One commit, its hash, its files; a link in it is a small text file."""
    host, revision = server
    seen = []
    with cloned(
        f"http://{host}/shop.git",
        settings=settings(host),
        scratch=tmp_path,
        progress=lambda *p: seen.append(p),
    ) as source:
        assert (source.title, source.revision) == ("shop", revision)
        assert (source.root / "compose.yml").read_text() == "services: {}\n"
        assert not (source.root / "outside").is_symlink()
        assert git("rev-list", "--count", "HEAD", cwd=source.root) == "1"
    assert not list(tmp_path.glob("clone-*"))


def test_a_branch_can_be_named(server, tmp_path):
    """The branch's files, not the default's."""
    host, _ = server
    with cloned(f"http://{host}/shop.git", ref="next", settings=settings(host), scratch=tmp_path) as source:
        assert (source.root / "next.txt").exists()


@pytest.mark.parametrize(("path", "ref"), [("none.git", ""), ("shop.git", "nobranch"), ("away/shop.git", "")])
def test_what_is_not_there_or_sends_us_elsewhere_is_a_clear_problem(server, tmp_path, path, ref):
    """A missing repository, a missing branch and a redirect: told, and nothing left behind."""
    host, _ = server
    with (
        pytest.raises(GitFailed),
        cloned(f"http://{host}/{path}", ref=ref, settings=settings(host), scratch=tmp_path),
    ):
        pass
    assert not list(tmp_path.glob("clone-*"))


def test_a_server_that_never_answers_is_left_after_the_time(tmp_path):
    """The clone ends with its time-out; git is killed."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        with (
            pytest.raises(GitFailed, match="longer"),
            cloned(f"http://{host}/a.git", settings=settings(host, fetching_seconds=0.5), scratch=tmp_path),
        ):
            pass


def test_a_clone_can_be_called_off(server, tmp_path):
    """`cancelled` ends it at once."""
    host, _ = server
    with (
        pytest.raises(Cancelled),
        cloned(f"http://{host}/shop.git", settings=settings(host), scratch=tmp_path, cancelled=lambda: True),
    ):
        pass
