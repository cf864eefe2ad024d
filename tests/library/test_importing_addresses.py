"""What import refuses to fetch: addresses that are not public in every spelling, and sources that are no pages."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path

import httpx
import pytest

from spinewise.errors import SourceError
from spinewise.library.importing import fetching
from spinewise.library.importing.addresses import is_public, target
from spinewise.library.importing.fetching import Fetcher
from spinewise.library.importing.sources import gather

V4 = """127.0.0.1 127.0.0.2 127.255.255.254 127.1 127.0.1 2130706433 0x7f000001 0x7f.0.0.1 0177.0.0.1 017700000001 0x7f.1 0 0.0.0.0
0.1.2.3 10.0.0.1 10.255.255.255 167772161 0x0a000001 012.0.0.1 172.16.0.1 172.31.255.255 0xac100001 192.168.0.1 192.168.255.255
3232235521 0xc0a80001 0300.0250.0.1 169.254.0.1 169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 100.64.0.1 100.127.255.255
192.0.0.1 192.0.0.8 192.0.2.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
192.88.99.1 localhost 127.0.0.1. ①②⑦.⓪.⓪.① 127。0。0。1""".split()
V6 = """::1 :: ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:192.168.1.1 ::ffff:169.254.169.254 ::127.0.0.1 ::10.0.0.1
0:0:0:0:0:0:0:1 0:0:0:0:0:ffff:127.0.0.1 fe80::1 febf::1 fc00::1 fd00::1 fd12:3456::1 fec0::1 ff02::1 ff05::2 2001:db8::1
2002:7f00:1:: 2002:0a00:1:: 2001:0:7f00:1::1 64:ff9b::127.0.0.1 64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b:1::1 100::1""".split()
BAD = [
    "ftp://example.org/a", "file:///etc/passwd", "FILE:///etc/passwd", "gopher://example.org/", "data://text/plain,hi", "javascript://x",
    "ws://example.org", "ldap://example.org", "dict://example.org:11211/", "ssh://example.org", "jar:http://example.org!/a", "://example.org",
    "http://", "https:///path", "http://:80/", "http://user@93.184.216.34/", "http://user:pass@93.184.216.34/", "http://a@127.0.0.1@b/",
    "http://93.184.216.34:0/", "http://93.184.216.34:99999/", "http://93.184.216.34:port/", "http://[::1", "http://[nonsense]/",
    "http://93.184.216.34/a b", "http://93.184.216.34\\@127.0.0.1/", "http://93.184.216.34/\r\nHost: x", "http://93.184.216.34/\x00",
    "http://93.184.216.34/" + "a" * 3000, "http://" + "a" * 300 + ".example/", "http://..example/",
]  # fmt: skip


def refuse(*_: object, **__: object) -> httpx.Response:
    raise AssertionError("something was fetched")


@pytest.mark.parametrize("host", [*V4, *(f"[{address}]" for address in V6)])
@pytest.mark.parametrize("path", ["http://{}/", "https://{}:8443/latest/meta-data?x=1"])
def test_no_address_that_is_not_public(host: str, path: str) -> None:
    with Fetcher(pause=0, transport=httpx.MockTransport(refuse)) as fetcher, pytest.raises(SourceError) as raised:
        fetcher.get(path.format(host))
    assert raised.value.hint
    assert any(words in str(raised.value) for words in ("not a public address", "is not found", "is not an address"))


@pytest.mark.parametrize("url", BAD)
def test_no_address_that_is_malformed_or_of_another_kind(url: str) -> None:
    with Fetcher(pause=0, transport=httpx.MockTransport(refuse)) as fetcher, pytest.raises(SourceError) as raised:
        fetcher.get(url)
    assert raised.value.hint


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_public_addresses_pass(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", ["fe80::1%eth0", "nonsense", "", "1.2.3"])
def test_what_is_no_plain_address_does_not(address: str) -> None:
    assert not is_public(address)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """DNS: each name with the answers it gives, one list a look-up, the last for ever."""
    answers: dict[str, list[list[str]]] = {}

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        found = answers[host].pop(0) if len(answers[host]) > 1 else answers[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return answers


def test_one_private_address_among_public_ones_is_enough(names) -> None:
    names["mixed.example"] = [["93.184.216.34", "10.0.0.1"]]
    with pytest.raises(SourceError, match=r"10\.0\.0\.1, which is not a public"):
        target("https://mixed.example/")


def test_connects_to_the_address_that_was_checked(names) -> None:
    names["site.example"] = [["93.184.216.34"]]
    met = []

    def answer(request: httpx.Request) -> httpx.Response:
        met.append((request.url.host, request.headers["host"], request.extensions["sni_hostname"]))
        return httpx.Response(404 if request.url.path == "/robots.txt" else 200, stream=httpx.ByteStream(b"hello"))

    with Fetcher(pause=0, transport=httpx.MockTransport(answer)) as fetcher:
        assert fetcher.get("https://site.example/a").content == b"hello"
    assert met == [("93.184.216.34", "site.example", "site.example")] * 2


def test_a_name_that_turns_private_between_requests_is_refused(names) -> None:
    names["turns.example"] = [["93.184.216.34"], ["127.0.0.1"]]
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(404)

    with Fetcher(pause=0, transport=httpx.MockTransport(answer)) as fetcher, pytest.raises(SourceError, match="not a public"):
        fetcher.get("https://turns.example/a")
    assert asked == ["/robots.txt"]


@pytest.mark.parametrize(
    "place",
    ["http://127.0.0.1/", "//169.254.169.254/", "file:///etc/passwd", "http://[::1]/", "https://inside.example/", "http://[x"],
)
def test_redirects_are_checked(names, place: str) -> None:
    names |= {"out.example": [["93.184.216.34"]], "inside.example": [["192.168.0.9"]]}
    names |= {host: [[host]] for host in ("127.0.0.1", "169.254.169.254", "::1")}

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "93.184.216.34"
        found = request.url.path == "/robots.txt"
        return httpx.Response(404) if found else httpx.Response(302, headers={"location": place})

    with Fetcher(pause=0, transport=httpx.MockTransport(answer)) as fetcher, pytest.raises(SourceError):
        fetcher.get("http://out.example/start")


def fetch(names, answer, url: str = "http://out.example/page"):
    names["out.example"] = [["93.184.216.34"]]

    def robots_first(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404) if request.url.path == "/robots.txt" else answer(request)

    with Fetcher(pause=0, transport=httpx.MockTransport(robots_first)) as fetcher:
        return fetcher.get(url)


def test_five_redirects_and_no_more(names) -> None:
    def to(last: int):
        def answer(request: httpx.Request) -> httpx.Response:
            step = int(request.url.path.lstrip("/page") or 0)
            return (
                httpx.Response(200, stream=httpx.ByteStream(b"end"))
                if step == last
                else httpx.Response(302, headers={"location": f"/page{step + 1}"})
            )

        return answer

    assert fetch(names, to(5)).content == b"end"
    with pytest.raises(SourceError, match="more than 5 times"):
        fetch(names, to(6))


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (httpx.Response(200, stream=httpx.ByteStream(b"x" * (fetching.LARGEST + 1))), "larger than 10 MB"),
        (httpx.Response(200, stream=httpx.ByteStream(gzip.compress(bytes(fetching.LARGEST + 1))), headers={"content-encoding": "gzip"}), "larger than 10 MB"),
        (httpx.Response(200, stream=httpx.ByteStream(b"no gzip"), headers={"content-encoding": "gzip"}), "damaged"),
        (httpx.Response(200, stream=httpx.ByteStream(b"x"), headers={"content-encoding": "br"}), "'br'"),
        (httpx.Response(404), "answers 404"),
        (httpx.Response(500), "answers 500"),
        (httpx.Response(401), "answers 401"),
    ],
)  # fmt: skip
def test_replies_that_are_no_page(names, reply: httpx.Response, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        fetch(names, lambda _: reply)


def test_a_slow_page(names, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LONGEST", -1.0)
    with pytest.raises(SourceError, match="took longer"):
        fetch(names, lambda _: httpx.Response(200, stream=httpx.ByteStream(b"x")))


@pytest.mark.parametrize(("status", "rules", "fine"), [(200, "User-agent: *\nDisallow: /", False), (200, "User-agent: *\nDisallow: /b", True), (404, "", True), (503, "", False)])  # fmt: skip
def test_robots(names, status: int, rules: str, fine: bool) -> None:
    names["out.example"] = [["93.184.216.34"]]

    def answer(request: httpx.Request) -> httpx.Response:
        return (
            httpx.Response(status, stream=httpx.ByteStream(rules.encode()))
            if request.url.path == "/robots.txt"
            else httpx.Response(200, stream=httpx.ByteStream(b"x"))
        )

    with Fetcher(pause=0, transport=httpx.MockTransport(answer)) as fetcher:
        if fine:
            assert fetcher.get("http://out.example/a").content == b"x"
        else:
            with pytest.raises(SourceError, match=r"robots\.txt"):
                fetcher.get("http://out.example/a")


def test_one_request_a_second(names, monkeypatch: pytest.MonkeyPatch) -> None:
    names["out.example"] = [["93.184.216.34"]]
    slept = []
    monkeypatch.setattr(fetching.time, "sleep", slept.append)
    with Fetcher(transport=httpx.MockTransport(lambda _: httpx.Response(404))) as fetcher, pytest.raises(SourceError):
        fetcher.get("http://out.example/a")
    assert slept == [pytest.approx(1.0, abs=0.2)]


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><channel><item><link>&b;</link></item></channel></rss>'
FILES = {
    "empty.html": b"", "blank.txt": b" \n \n", "one.txt": b"Only a title\n", "bytes.txt": b"\xff\xfe\x00\x01", "zero.txt": b"Title\n\nA\x00b.\n",
    "image.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "broken.pdf": b"%PDF-1.7 nothing", "broken.docx": b"PK\x03\x04 nothing",
    "bomb.xml": BOMB, "half.xml": b"<rss><channel><item>", "none.xml": b"<rss><channel></channel></rss>", "list.json": b"[1, 2]",
    "half.json": b'[{"link": ', "other.json": b'{"a": 1}', "nothing.html": b"<html><body></body></html>", "half.gz": b"\x1f\x8b\x08 nothing",
    "outside.xml": b"<urlset><url><loc>/etc/passwd</loc></url></urlset>", "file.xml": b"<urlset><url><loc>file:///etc/passwd</loc></url></urlset>",
    "deep.json": b"[" * 100_000, "none.json": b"[]",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_bad_files(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(FILES[name])
    with Fetcher(pause=0, transport=httpx.MockTransport(refuse)) as fetcher:
        ((_, found),) = gather([str(file)], fetcher, lambda _: ("", ""))
    assert isinstance(found, SourceError)
    assert found.hint


@pytest.mark.parametrize("name", ["nowhere.html", "", ".", "a\x00b"])
def test_files_that_are_not_there(name: str) -> None:
    with Fetcher(pause=0, transport=httpx.MockTransport(refuse)) as fetcher:
        ((_, found),) = gather([name], fetcher, lambda _: ("", ""))
    assert isinstance(found, SourceError)
    assert "cannot read" in str(found)
