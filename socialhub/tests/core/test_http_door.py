"""What leaves this process, and what is certain when it did not work."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from socialhub import http


class Listener:
    """A socket that answers each connection with the next of `answers`, then closes it."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.answers: list[bytes] = []
        self.seen: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self.socket.accept()
            except OSError:
                return
            with client:
                self.seen.append(client.recv(65_536))
                client.sendall(self.answers.pop(0) if self.answers else b"")


def self_signed(path):
    """A key and a certificate nobody vouches for, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    return path


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.socket.close()


def url(listener, path="/"):
    return f"http://127.0.0.1:{listener.socket.getsockname()[1]}{path}"


def answer(status: bytes, body: bytes = b"", more: bytes = b"") -> bytes:
    length = str(len(body)).encode()
    return (
        b"HTTP/1.1 " + status + b"\r\nContent-Length: " + length + b"\r\n" + more + b"\r\n" + body
    )


def test_an_answer_comes_back_whole(listener):
    listener.answers.append(answer(b"200 OK", b'{"a": 1}', b"X-Limit: 5\r\n"))

    got = http.request("GET", url(listener))

    assert (got.status, got.json(), got.headers["x-limit"]) == (200, {"a": 1}, "5")


def test_a_redirect_is_not_followed(listener):
    listener.answers.append(answer(b"302 Found", b"", b"Location: http://169.254.169.254/\r\n"))
    assert http.request("GET", url(listener)).status == 302


def test_refused_connection_is_certainly_not_sent():
    with pytest.raises(http.RequestNotSent):
        http.request("POST", "http://127.0.0.1:1/", json={})


def test_a_server_without_tls_is_no_passing_trouble(listener):
    listener.answers.append(answer(b"400 Bad Request"))
    with pytest.raises(http.CertificateRefused):
        http.request("POST", url(listener).replace("http:", "https:"), json={})


def test_a_hang_up_during_the_handshake_may_pass(listener):
    with pytest.raises(http.RequestNotSent) as raised:
        http.request("POST", url(listener).replace("http:", "https:"), json={})
    assert not isinstance(raised.value, http.CertificateRefused)


def test_an_unknown_certificate_is_refused(tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path / "own.pem"))
    received = []

    def greet():
        try:
            with context.wrap_socket(server.accept()[0], server_side=True) as client:
                received.append(client.recv(1))
        except OSError:  # The client has turned away.
            received.append(b"")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(http.CertificateRefused):
            http.request("POST", f"https://127.0.0.1:{server.getsockname()[1]}/", json={})
        thread.join(10)
    assert received == [b""]


def test_a_closed_connection_may_have_arrived(listener):
    with pytest.raises(http.AnswerLost):
        http.request("POST", url(listener), json={})


def test_a_guard_is_asked_before_the_first_byte(listener):
    def refuse():
        raise http.RequestNotSent("too late")

    with pytest.raises(http.RequestNotSent):
        http.request("POST", url(listener), json={"text": "x"}, guard=refuse)
    assert b"".join(listener.seen) == b""


@pytest.mark.parametrize(
    "address",
    [
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://0.0.0.0/",
        "http://[::ffff:10.0.0.1]/",
        "ftp://example.org/",
        "http://user:pass@127.0.0.1/",
        "file:///etc/passwd",
    ],
)
def test_private_and_odd_addresses_are_refused(address):
    with pytest.raises(http.AddressRefused):
        http.request("GET", address)


def test_too_large_an_answer_is_lost(listener):
    listener.answers.append(answer(b"200 OK", b"x" * 2000))
    with pytest.raises(http.AnswerLost):
        http.request("GET", url(listener), max_bytes=1000)


def test_no_secret_in_what_is_raised():
    with pytest.raises(http.RequestNotSent) as raised:
        http.request(
            "GET", "http://127.0.0.1:1/?token=abcdef", headers={"Authorization": "Bearer abcdef"}
        )
    assert "abcdef" not in f"{raised.value!r}{raised.value.__cause__!r}"
