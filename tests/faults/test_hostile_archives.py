"""Archives that nobody should unpack as they are: nothing leaves the folder, nothing fills the disk."""

import io
import os
import struct
import tarfile
import zipfile
import zlib

import pytest

from autograph.analysis.settings import AnalysisSettings
from autograph.analysis.sources import unpacked
from autograph.analysis.sources.archive import (
    ArchiveLimits,
    ArchiveTooLarge,
    ArchiveUnreadable,
    ArchiveUnsafe,
    Cancelled,
    extract,
)

pytestmark = pytest.mark.feature("security.untrusted-input")
LIMITS = ArchiveLimits(inflated_bytes=1_000_000, files=100)


def zipped(path, entries, compression=zipfile.ZIP_DEFLATED):
    """A zip at `path` of (name or ZipInfo, content)."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def tarred(path, entries, mode="w:gz"):
    """A tar at `path` of (TarInfo, content)."""
    with tarfile.open(path, mode) as archive:
        for entry, content in entries:
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def member(name, kind=tarfile.REGTYPE, target=""):
    """A tar member of any kind."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry


@pytest.fixture
def into(tmp_path):
    """The folder to unpack into, with a neighbour that must stay untouched."""
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "neighbour").write_text("mine")
    return folder


UNSAFE = [
    "../neighbour",
    "a/../../neighbour",
    "/etc/cron.d/x",
    "C:\\x",
    "C:/x",
    "..\\neighbour",
    "a\x01b",
    "x" * 300,
]


@pytest.mark.parametrize("name", UNSAFE)
def test_a_zip_entry_that_leads_out_is_refused(tmp_path, into, name):
    """The whole archive is refused and the entry is named."""
    with pytest.raises(ArchiveUnsafe):
        extract(zipped(tmp_path / "a.zip", [("ok.txt", b"1"), (name, b"evil")]), into, LIMITS)

    assert (tmp_path / "neighbour").read_text() == "mine"


@pytest.mark.parametrize("name", UNSAFE)
def test_a_tar_member_that_leads_out_is_refused(tmp_path, into, name):
    """The same for tar, whose members are read as a stream."""
    with pytest.raises(ArchiveUnsafe):
        extract(tarred(tmp_path / "a.tgz", [(member(name), b"evil")]), into, LIMITS)

    assert (tmp_path / "neighbour").read_text() == "mine"


def test_links_and_devices_are_never_made(tmp_path, into):
    """A link out of the folder followed by a write through it writes nothing outside."""
    entries = [
        (member("out", tarfile.SYMTYPE, str(tmp_path)), b""),
        (member("out/neighbour"), b"evil"),
        (member("hard", tarfile.LNKTYPE, "/etc/passwd"), b""),
        (member("pipe", tarfile.FIFOTYPE), b""),
        (member("null", tarfile.CHRTYPE), b""),
        (member("kept.txt"), b"1"),
    ]
    extract(tarred(tmp_path / "a.tar.gz", entries), into, LIMITS)

    assert (tmp_path / "neighbour").read_text() == "mine"
    assert sorted(p.relative_to(into).as_posix() for p in into.rglob("*") if p.is_file()) == [
        "kept.txt",
        "out/neighbour",
    ]
    assert not any(p.is_symlink() for p in into.rglob("*"))


def test_a_link_in_a_zip_is_left_out(tmp_path, into):
    """Zips made on Unix carry links as small files with a mode; they stay out."""
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    extract(zipped(tmp_path / "a.zip", [(link, b"/etc/passwd"), ("a.txt", b"1")]), into, LIMITS)

    assert [p.name for p in into.iterdir()] == ["a.txt"]


def test_a_zip_bomb_stops_at_the_limit(tmp_path, into):
    """Ten kilobytes that inflate to ten megabytes are refused, by their own claim."""
    with pytest.raises(ArchiveTooLarge):
        extract(zipped(tmp_path / "a.zip", [("zeros", b"\0" * 10_000_000)]), into, LIMITS)


def test_a_zip_bomb_that_lies_stops_at_the_limit(tmp_path, into):
    """An entry that claims ten bytes and inflates to more stops while it inflates; the disk stays free."""
    path = zipped(tmp_path / "a.zip", [("zeros", b"\0" * 10_000_000)])
    raw = path.read_bytes().replace(struct.pack("<I", 10_000_000), struct.pack("<I", 10))
    path.write_bytes(raw)

    with pytest.raises((ArchiveTooLarge, ArchiveUnreadable)):
        extract(path, into, LIMITS)
    assert sum(p.stat().st_size for p in into.rglob("*")) <= LIMITS.inflated_bytes


def test_a_gzip_bomb_of_ten_gigabytes_ends_early(tmp_path, into):
    """A tar.gz that claims a file of 10 GB is refused after the limit, in well under a second's work."""
    head = tarfile.TarInfo("zeros")
    head.size = 10_000_000_000
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = squeeze.compress(head.tobuf(tarfile.GNU_FORMAT)) + b"".join(
        squeeze.compress(bytes(1_000_000)) for _ in range(50)
    )
    (tmp_path / "a.tgz").write_bytes(body + squeeze.flush())

    with pytest.raises(ArchiveTooLarge):
        extract(tmp_path / "a.tgz", into, LIMITS)


def test_a_million_files_are_refused_before_they_are_listed(tmp_path, into):
    """The zip's own directory says how many there are; it is believed before it is read into memory."""
    path = zipped(tmp_path / "a.zip", [("a", b"")])
    raw = bytearray(path.read_bytes())
    at = raw.rfind(b"PK\x05\x06")
    raw[at + 8 : at + 12] = struct.pack("<HH", 65_000, 65_000)
    path.write_bytes(raw)

    with pytest.raises(ArchiveTooLarge):
        extract(path, into, LIMITS)


def test_too_many_files_in_a_tar_stop_at_the_limit(tmp_path, into):
    """A stream has no directory: the count stops it."""
    entries = [(member(f"f{n}"), b"") for n in range(LIMITS.files + 1)]

    with pytest.raises(ArchiveTooLarge):
        extract(tarred(tmp_path / "a.tgz", entries), into, LIMITS)
    assert len(list(into.iterdir())) == LIMITS.files


@pytest.mark.parametrize("cut", [0, 1, 10, 60, 200])
def test_a_truncated_archive_is_told_as_such(tmp_path, into, cut):
    """Whatever the place of the cut: a clear problem, not a crash."""
    for path in (
        zipped(tmp_path / "a.zip", [(f"f{n}", os.urandom(100)) for n in range(5)]),
        tarred(tmp_path / "a.tgz", [(member(f"f{n}"), os.urandom(100)) for n in range(5)]),
    ):
        path.write_bytes(path.read_bytes()[:cut])
        with pytest.raises(ArchiveUnreadable):
            extract(path, into, LIMITS)


def test_an_encrypted_zip_is_told_as_such(tmp_path, into):
    """The flag in the entry is enough."""
    path = zipped(tmp_path / "a.zip", [("secret", b"1")])
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    raw[raw.rfind(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)

    with pytest.raises(ArchiveUnreadable, match="encrypted"):
        extract(path, into, LIMITS)


def test_two_entries_of_one_name_and_a_file_in_place_of_a_folder(tmp_path, into):
    """The first one counts; nothing breaks."""
    entries = [(member("a"), b"first"), (member("a"), b"second"), (member("a/b"), b"third")]
    extract(tarred(tmp_path / "a.tgz", entries), into, LIMITS)

    assert (into / "a").read_bytes() == b"first"


def test_unpacking_can_be_called_off(tmp_path, into):
    """Between entries and within a large one."""
    with pytest.raises(Cancelled):
        extract(zipped(tmp_path / "a.zip", [("a", b"1")]), into, LIMITS, cancelled=lambda: True)


def test_nothing_stays_behind(tmp_path):
    """The private folder is gone afterwards, also after a refusal, and one wrapping folder is looked through."""
    settings, scratch = AnalysisSettings(), tmp_path / "scratch"
    scratch.mkdir()
    good = zipped(tmp_path / "good.zip", [("repo-main/src/a.py", b"1")])
    with unpacked(good, "repo-main.zip", settings=settings, scratch=scratch) as source:
        assert (source.root / "src" / "a.py").exists()
        assert source.title == "repo-main"
    with (
        pytest.raises(ArchiveUnsafe),
        unpacked(zipped(tmp_path / "b.zip", [("../x", b"")]), "b.zip", settings=settings, scratch=scratch),
    ):
        pass

    assert not any(scratch.iterdir())
