"""The SDK's own client obeys the rules of socialhub.http."""

from __future__ import annotations

import socket
import time

import pytest

from socialhub.tests.ai.conftest import KEY
from socialhub.tests.ai.stub import MODEL, says
from socialhub.writing.ai import AIError, Endpoint
from socialhub.writing.ai.client import Ask, Client

ASK = Ask(({"role": "user", "content": "x"},), {"title": "T"}, 10)


def ask(base_url):
    return Client(Endpoint(base_url, MODEL, KEY), time.monotonic() + 10).complete(ASK)


def refused(base_url):
    with pytest.raises(AIError) as raised:
        ask(base_url)
    return raised.value.code, raised.value.may_have_worked


@pytest.mark.parametrize(
    "host", ["10.1.2.3", "169.254.169.254", "[::ffff:10.0.0.1]", "user:pass@127.0.0.1"]
)
def test_private_addresses_are_refused(host):
    assert refused(f"http://{host}/v1") == ("address_refused", False)


@pytest.mark.parametrize("address", ["ai.example/v1", "file:///etc/passwd", ""])
def test_what_is_no_web_address_is_refused(address):
    assert refused(address) == ("address_refused", False)


def test_a_listed_address_is_asked_and_an_unlisted_one_is_not(stub, settings):
    stub.tell(says("ok"))
    assert ask(stub.base_url).text == "ok"
    settings.SOCIALHUB_ALLOWED_PRIVATE_HOSTS = []

    assert refused(stub.base_url) == ("address_refused", False)
    assert len(stub.asked) == 1


def test_the_peer_is_checked_again_once_connected(stub, settings, monkeypatch):
    """A name that is public when looked up and private when connected to."""
    stub.tell(says("ok"))
    settings.SOCIALHUB_ALLOWED_PRIVATE_HOSTS = []
    port = int(stub.base_url.split(":")[2].split("/")[0])
    answers = ["93.184.216.34", "127.0.0.1"]

    def getaddrinfo(host, asked, *args, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    assert refused(f"http://ai.example:{port}/v1") == ("address_refused", False)
    assert (answers, stub.asked) == ([], [])


def test_nobody_listening_is_certainly_not_sent():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    assert refused(f"http://127.0.0.1:{port}/v1") == ("unreachable", False)


def test_proxies_of_the_environment_are_not_used(stub, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0)
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, address)
        stub.tell(says("ok"))

        assert ask(stub.base_url).text == "ok"
        with pytest.raises(BlockingIOError):
            proxy.accept()
