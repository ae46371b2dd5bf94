"""Cloning one commit of a git URL that nobody vouches for.

The host is resolved once, every address is checked, and git is pinned to the one that was checked, so that
a name cannot lead inside by answering differently the second time. Only https is spoken, redirects are off,
no hook, filter, submodule or credential helper runs.
"""

import os
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from autograph.analysis.settings import AnalysisSettings
from autograph.analysis.sources.archive import Cancelled
from autograph.core.problem import Invalid, Unavailable

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port to addresses; raises OSError when the name means nothing."""

_URL = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SCP = re.compile(r"^[\w.-]+@[\w.-]+:")
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}")
_PROGRESS = re.compile(rb"(Receiving objects|Resolving deltas|Updating files):\s+(\d+)%")
_NAT64 = ip_network("64:ff9b::/96")
_PINNING_SINCE = (2, 37)


class GitUrlRefused(Invalid):
    """The URL is not one that may be cloned."""

    slug, title = "git-url-refused", "This git URL is not allowed."


class GitFailed(Invalid):
    """git could not clone: the repository or branch is not there, or not for us."""

    slug, title = "git-failed", "The repository could not be cloned."


class GitMissing(Unavailable):
    """The program git is not installed, or too old."""

    slug, title = "git-missing", "Cloning needs the program git on the server."


@dataclass(frozen=True, slots=True)
class Remote:
    """A URL that passed: `address` is what its host was resolved to, empty for hosts that are allowed by name."""

    url: str
    scheme: str
    host: str
    port: int
    address: str


def looks_like_git(spec: str) -> bool:
    """Whether `spec` is meant as a git URL rather than a path."""
    return bool(_URL.match(spec) or _SCP.match(spec) or spec.startswith("ext::"))


def title_of(url: str) -> str:
    """The last part of the URL's path without ``.git``."""
    name = urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
    return name or "repository"


def system_resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked(url: str, allowed_hosts: Sequence[str], resolve: Resolve = system_resolve) -> Remote:
    """Return what may be cloned.

    Raises:
        GitUrlRefused: Another scheme, credentials in the URL, or a host that leads inside.
    """
    parts = urlsplit(url.strip())
    try:
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise GitUrlRefused("Its port is not a number.") from None
    by_name = host in allowed_hosts or f"{host}:{port}" in allowed_hosts
    if parts.scheme != "https" and not (by_name and parts.scheme == "http"):
        raise GitUrlRefused("Only https:// URLs are cloned.")
    if not host or any(character.isspace() or ord(character) < 0x21 for character in url.strip()):
        raise GitUrlRefused("It has no host, or a space in it.")
    if parts.username or parts.password:
        raise GitUrlRefused("Leave the user and password out: a URL ends up in logs.")
    port = port or (443 if parts.scheme == "https" else 80)
    address = "" if by_name else _public_address(host, port, resolve)
    clean = f"{parts.scheme}://{parts.netloc}{parts.path}"
    return Remote(url=clean, scheme=parts.scheme, host=host, port=port, address=address)


def _public_address(host: str, port: int, resolve: Resolve) -> str:
    """Resolve once; every address must be public, the first is used."""
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError):
        addresses = []
    if not addresses:
        raise GitUrlRefused(f"The host {host} is not known.")
    for address in addresses:
        if not is_public(address):
            raise GitUrlRefused(
                f"The host {host} leads into the inside network. An administrator can allow it by name:"
                " AUTOGRAPH_ANALYSIS__ALLOWED_GIT_HOSTS."
            )
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether this address is out on the internet, whatever it is wrapped in (mapped, 6to4, Teredo, NAT64)."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner: IPv4Address | None = found.ipv4_mapped or found.sixtofour
        if found.teredo is not None:
            inner = found.teredo[1]
        if found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


def clone(
    url: str,
    into: Path,
    *,
    settings: AnalysisSettings,
    ref: str = "",
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    resolve: Resolve = system_resolve,
) -> str:
    """Clone the newest commit of `ref` (a branch or tag; the default branch when empty); return its hash.

    Raises:
        GitUrlRefused: The URL may not be cloned, or `ref` is not a name.
        GitFailed: git said no; the detail is its last line.
        GitMissing: There is no usable git.
        Cancelled: `cancelled` said so.
    """
    if ref and (not _REF.fullmatch(ref) or ".." in ref):
        raise GitUrlRefused("This is not the name of a branch or tag.")
    remote = checked(url, settings.allowed_git_hosts, resolve)
    git = _usable_git(pinning=bool(remote.address))
    home = into.parent
    said = _run(_command(git, remote, into, ref), home, settings, progress, cancelled)
    if "redirect" in said and not remote.url.endswith(".git"):
        shutil.rmtree(into, ignore_errors=True)
        remote = Remote(
            remote.url.rstrip("/") + ".git", remote.scheme, remote.host, remote.port, remote.address
        )
        said = _run(_command(git, remote, into, ref), home, settings, progress, cancelled)
    if said or not into.is_dir():
        raise GitFailed(_last_line(said))
    shown = subprocess.run(  # noqa: S603 - our own arguments
        [git, "-C", str(into), "rev-parse", "HEAD"],
        env=_environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout.strip()


def _usable_git(*, pinning: bool) -> str:
    """Path of git; pinning an address needs a version that can."""
    git = shutil.which("git")
    if git is None:
        raise GitMissing("git is not installed. Install it, or upload an archive instead.")
    shown = subprocess.run([git, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.search(r"(\d+)\.(\d+)", shown)
    if pinning and (found is None or (int(found[1]), int(found[2])) < _PINNING_SINCE):
        raise GitMissing("git is older than 2.37. Install a newer one, or upload an archive instead.")
    return git


def _command(git: str, remote: Remote, into: Path, ref: str) -> list[str]:
    options = {
        "protocol.allow": "never",
        f"protocol.{remote.scheme}.allow": "always",
        "http.followRedirects": "false",
        "http.lowSpeedLimit": "1000",
        "http.lowSpeedTime": "30",
        "core.symlinks": "false",
        "core.hooksPath": os.devnull,
        "core.fsmonitor": "false",
        "credential.helper": "",
        "filter.lfs.smudge": "",
        "filter.lfs.process": "",
        "filter.lfs.required": "false",
    }
    if remote.address:
        shown = f"[{remote.address}]" if ":" in remote.address else remote.address
        options["http.curloptResolve"] = f"{remote.host}:{remote.port}:{shown}"
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    branch = ["--branch", ref] if ref else []
    return [
        git, *settings, "clone", "--depth", "1", "--no-tags", "--single-branch", "--no-recurse-submodules",
        "--template=", "--progress", *branch, "--", remote.url, str(into),
    ]  # fmt: skip


def _environment(home: Path) -> dict[str, str]:
    """Nothing of the server's own environment but where programs are."""
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ASKPASS": "true",
    }


def _run(
    command: list[str],
    home: Path,
    settings: AnalysisSettings,
    progress: Callable[[int, int, str], None] | None,
    cancelled: Callable[[], bool],
) -> str:
    """Run git to its end; return what it said when it failed, else nothing."""
    process = subprocess.Popen(  # noqa: S603 - our own arguments; the URL stands behind --
        command,
        env=_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stderr is not None
    limit = settings.largest_inflated_bytes
    if hasattr(resource, "prlimit"):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    deadline, said = time.monotonic() + settings.fetching_seconds, b""
    try:
        while True:
            if cancelled():
                raise Cancelled
            if time.monotonic() > deadline:
                raise GitFailed(f"It took longer than {settings.fetching_seconds:g} s.")
            if select.select([process.stderr], [], [], 0.2)[0]:
                chunk = os.read(process.stderr.fileno(), 65_536)
                if not chunk:
                    break
                said = (said + chunk)[-8_192:]
                if progress is not None and (found := _PROGRESS.findall(chunk)):
                    progress(int(found[-1][1]), 100, found[-1][0].decode())
        return said.decode(errors="replace") or "git failed" if process.wait(10) else ""
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stderr.close()


def _last_line(said: str) -> str:
    """What git said last, without paths of this machine."""
    lines = [
        line.strip()
        for line in re.split(r"[\r\n]+", said)
        if line.strip().startswith(("fatal:", "error:", "remote:"))
    ]
    line = lines[-1].partition(":")[2].strip() if lines else "git gave no reason"
    if "could not read Username" in line or "Authentication failed" in line:
        return "It is private or not there. Upload an archive of it instead."
    return f"git said: {re.sub(r'/[^ ]*/repository', 'the clone', line)[:300]}"
