"""Which git URLs may be cloned, and that cloning them speaks to nobody else."""

import pytest

from autograph.analysis.settings import AnalysisSettings
from autograph.analysis.sources import looks_like_git
from autograph.analysis.sources.git import GitFailed, GitUrlRefused, checked, clone, is_public, title_of

PUBLIC = "93.184.215.14"


def refuse_to_resolve(_host, _port):
    """A resolver that must not be asked."""
    raise AssertionError


@pytest.mark.feature("security.untrusted-input")
@pytest.mark.parametrize(
    "url",
    [
        "file:///etc", "file://localhost/srv/repo", "ext::sh -c id", "git://github.com/a/b", "ssh://git@github.com/a/b",
        "http://github.com/a/b", "git@github.com:a/b.git", "--upload-pack=id", "/srv/repo", "../repo", "https://",
        "https://user:secret@github.com/a/b", "https://token@github.com/a/b", "https://github.com:99999/a", "ftp://x/y",
        "https://git hub.com/a/b", "https://github.com/a\nb",
    ],
)  # fmt: skip
def test_what_is_no_plain_https_url_is_refused(url):
    """Other transports, local paths, options and credentials never reach git."""
    with pytest.raises(GitUrlRefused):
        checked(url, (), lambda _host, _port: [PUBLIC])


INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2001:0:4136:e378:8000:63bf:80ff:fffe",
]  # fmt: skip


@pytest.mark.feature("security.untrusted-input")
@pytest.mark.parametrize("address", INSIDE)
def test_a_host_that_leads_inside_is_refused(address):
    """Loopback, private, link-local, metadata, shared and multicast addresses, however they are wrapped."""
    assert not is_public(address)
    with pytest.raises(GitUrlRefused):
        checked("https://rebound.example/a/b", (), lambda _host, _port: [PUBLIC, address])


@pytest.mark.parametrize("host", ["2130706433", "0x7f.0.0.1", "017700000001", "127.1", "localhost", "[::1]"])
def test_other_spellings_of_loopback_are_refused_by_the_real_resolver(host):
    """Decimal, hexadecimal, octal and short forms mean what the resolver says they mean."""
    with pytest.raises(GitUrlRefused):
        checked(f"https://{host}/a/b", ())


def test_the_host_is_resolved_once_and_pinned():
    """What was checked is what is used: a second answer is never asked for."""
    asked = []

    def resolve(host, port):
        asked.append((host, port))
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    remote = checked("https://github.com/a/b", (), resolve)

    assert (remote.address, asked) == (PUBLIC, [("github.com", 443)])


def test_a_host_allowed_by_name_may_be_inside():
    """An administrator's list opens a company's own server, with its port or without, also by http."""
    assert checked("http://git.corp:3000/a/b", ("git.corp:3000",), refuse_to_resolve).address == ""
    assert checked("https://git.corp/a/b", ("git.corp",), refuse_to_resolve).port == 443
    with pytest.raises(GitUrlRefused):
        checked("http://git.corp:3000/a/b", ("git.corp:3001",), lambda _h, _p: ["10.0.0.1"])


@pytest.mark.parametrize("ref", ["--upload-pack=id", "-b", "a..b", "a b", "a\nb", "$(id)"])
def test_a_ref_is_a_name(tmp_path, ref):
    """An option in place of a branch is refused before git sees it."""
    with pytest.raises(GitUrlRefused):
        clone(
            "https://github.com/a/b",
            tmp_path / "r",
            settings=AnalysisSettings(),
            ref=ref,
            resolve=refuse_to_resolve,
        )


def test_a_host_that_nobody_knows_is_told():
    """The detail names the host."""

    def unknown(_host, _port):
        raise OSError

    with pytest.raises(GitUrlRefused, match=r"nowhere\.example"):
        checked("https://nowhere.example/a", (), unknown)


def test_nobody_at_the_address_is_a_clear_problem(tmp_path):
    """git's own last line, without paths of this machine."""
    settings = AnalysisSettings(allowed_git_hosts=("127.0.0.1:9",), fetching_seconds=20)

    with pytest.raises(GitFailed) as caught:
        clone("http://127.0.0.1:9/a/b.git", tmp_path / "r", settings=settings)

    assert str(tmp_path) not in caught.value.detail


def test_what_is_meant_as_a_url_and_how_it_is_called():
    """Paths are not URLs; a title is the last part."""
    assert [looks_like_git(s) for s in ("https://h/a", "git@h:a/b", "ext::x", "./a", "C:\\a", "a.zip")] == [
        True
    ] * 3 + [False] * 3
    assert title_of("https://h/team/shop.git/") == "shop"
