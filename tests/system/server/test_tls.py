"""TLS of a real process, with certificates that the test makes."""

import datetime as dt
import os
import re
import signal
import socket
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.servers.autograph import Running

pytestmark = pytest.mark.feature("gateway.tls")


def write_certificate(folder, name, days=1):
    """Write a self-signed certificate for `name` that ends after so many days, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def shaken(server, version):
    """Negotiated version and the certificate's name, after a handshake of exactly this version."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as plain,
        context.wrap_socket(plain) as connection,
    ):
        shown = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True))
        return connection.version(), shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def running(folder, **settings):
    files = {"TLS__CERTIFICATE": str(folder / "certificate.pem"), "TLS__KEY": str(folder / "key.pem")}
    return Running(folder, **files, **settings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    write_certificate(folder, "first")
    return folder


@pytest.fixture(scope="module")
def server(folder):
    server = running(folder)
    yield server
    server.stop()


def test_1_3_and_nothing_older(server):
    """1.3 works; 1.2 is refused."""
    assert shaken(server, ssl.TLSVersion.TLSv1_3) == ("TLSv1.3", "first")
    with pytest.raises(ssl.SSLError):
        shaken(server, ssl.TLSVersion.TLSv1_2)


def test_answers_over_tls(server):
    """Answers tell browsers to stay on https, and the session cookie belongs to this host alone."""
    status, headers, _ = server.ask("GET", "/health")
    assert status == 200
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert "https://127.0.0.1" in server.log.read_text()


def test_plain_http_to_the_same_port(server):
    """Whoever speaks plain HTTP to a TLS port gets no answer in the clear."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        try:
            received = connection.recv(4096)
        except ConnectionResetError:
            received = b""
    assert b"HTTP/1.1" not in received


def test_slow_handshake(tmp_path):
    """Whoever connects and never shakes hands is cut off after the time for heads."""
    write_certificate(tmp_path, "slow")
    server = running(tmp_path, HTTP__HEAD_SECONDS="0.5")
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
            started = time.monotonic()
            assert connection.recv(4096) == b""
            assert 0.3 < time.monotonic() - started < 3
    finally:
        server.stop()


def test_certificate_is_reloaded(server, folder):
    """After SIGHUP new connections get the new certificate; a pair that does not fit leaves the old one."""
    connection = server.connect()
    connection.request("GET", "/livez")
    connection.getresponse().read()
    write_certificate(folder, "second")
    server.signal(signal.SIGHUP)
    until = time.monotonic() + 5
    while shaken(server, ssl.TLSVersion.TLSv1_3)[1] != "second" and time.monotonic() < until:
        time.sleep(0.02)
    assert shaken(server, ssl.TLSVersion.TLSv1_3)[1] == "second"
    connection.request("GET", "/livez")  # a connection that was open stays open
    assert connection.getresponse().status == 200
    connection.close()

    kept = (folder / "key.pem").read_bytes()
    write_certificate(folder, "third")
    (folder / "key.pem").write_bytes(kept)
    server.signal(signal.SIGHUP)
    until = time.monotonic() + 5
    while "certificate_not_reloaded" not in server.log.read_text() and time.monotonic() < until:
        time.sleep(0.02)
    assert "certificate_not_reloaded" in server.log.read_text()
    assert shaken(server, ssl.TLSVersion.TLSv1_3)[1] == "second"


@pytest.mark.feature("observability.alerts")
def test_the_rest_of_a_certificates_life_is_measured(tmp_path):
    """The gauge tells the seconds until the certificate in use ends, and follows it when it is renewed."""
    write_certificate(tmp_path, "old", days=3)
    server = running(tmp_path)
    try:
        assert seconds_left(server) == pytest.approx(3 * 86400, abs=60)
        write_certificate(tmp_path, "new", days=90)
        server.signal(signal.SIGHUP)
        until = time.monotonic() + 5
        while seconds_left(server) < 89 * 86400:
            assert time.monotonic() < until
            time.sleep(0.05)
    finally:
        server.stop()


def seconds_left(server):
    """What Prometheus reads."""
    page = server.ask("GET", "/metrics")[2].decode()
    return float(re.search(r"autograph_certificate_seconds_left\{.*\} (\S+)", page)[1])


def test_1_2_by_an_explicit_switch(tmp_path):
    """With the switch 1.2 works too, 1.1 never does."""
    write_certificate(tmp_path, "older")
    server = running(tmp_path, TLS__ALLOW_1_2="true")
    try:
        assert shaken(server, ssl.TLSVersion.TLSv1_2)[0] == "TLSv1.2"
        assert shaken(server, ssl.TLSVersion.TLSv1_3)[0] == "TLSv1.3"
        with pytest.raises(ssl.SSLError), pytest.warns(DeprecationWarning):
            shaken(server, ssl.TLSVersion.TLSv1_1)
    finally:
        server.stop()


@pytest.mark.feature("platform.settings")
@pytest.mark.parametrize("broken", ["no key", "no file", "of another pair", "not PEM"])
def test_unusable_certificate_stops_the_start(tmp_path, broken, monkeypatch):
    """A certificate that cannot be used ends the start with one line that says what to do."""
    from autograph.server.process import run
    from autograph.server.settings import BadSettings, load

    write_certificate(tmp_path, "first")
    if broken == "of another pair":
        kept = (tmp_path / "key.pem").read_bytes()
        write_certificate(tmp_path, "second")
        (tmp_path / "key.pem").write_bytes(kept)
    elif broken == "not PEM":
        (tmp_path / "key.pem").write_text("nothing")
    elif broken == "no file":
        (tmp_path / "certificate.pem").unlink()
    for name in [name for name in os.environ if name.startswith("AUTOGRAPH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AUTOGRAPH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("AUTOGRAPH_TLS__CERTIFICATE", str(tmp_path / "certificate.pem"))
    if broken != "no key":
        monkeypatch.setenv("AUTOGRAPH_TLS__KEY", str(tmp_path / "key.pem"))
    with pytest.raises(BadSettings, match="AUTOGRAPH_TLS__KEY"):
        run(load(tmp_path / ".env"), ["gateway"], console=None)
