"""WARC files: the same bytes each time, read back by us to the letter and by warcio with every digest checked."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from holdfast.errors import FormatError, UsageError
from holdfast.fetch import OUTCOMES, Exchange, Kept, encode_warc, parse_exchange, read_warc

PAGE = Exchange(
    url="https://t.me/s/one?before=5",
    status=200,
    reason="OK",
    http_version="HTTP/1.1",
    request_headers=(("Host", "t.me"), ("User-Agent", "x"), ("Accept", "*/*")),
    response_headers=(
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Encoding", "gzip"),
        ("Transfer-Encoding", "chunked"),
        ("X-Name", "Имя".encode().decode("latin-1")),
        ("Set-Cookie", "a=b"),
        ("Set-Cookie", ""),
    ),
    raw_body=gzip.compress("страница".encode(), mtime=0),
    started_at=1_700_000_000.123456,
    finished_at=1_700_000_001.5,
    address="149.154.167.99",
)
CUT = msgspec.structs.replace(
    PAGE, outcome="cut", detail="the connection ended", raw_body=b"half", status=206
)
REFUSED = Exchange(
    url="https://t.me/",
    started_at=1.0,
    finished_at=2.0,
    outcome="refused",
    detail="nobody is there",
    address="::1",
)
SILENT = msgspec.structs.replace(
    REFUSED, outcome="timed out", request_headers=(("Host", "t.me"),), address=None
)
LATER = msgspec.structs.replace(PAGE, status=429, reason="", raw_body=b"", retry_at=1_700_003_600.0)
MEDIA = msgspec.structs.replace(
    PAGE, raw_body=b"", response_headers=(("Content-Length", "9"),), kept=Kept(hashlib.sha256(b"the media").hexdigest(), 0, 9)
)  # fmt: skip
ALL = [PAGE, CUT, REFUSED, SILENT, LATER, MEDIA]


def encode(*exchanges: Exchange) -> tuple[bytes, list[tuple[int, int]]]:
    return encode_warc(exchanges, software="Holdfast/9", created_at=1_700_000_000.0)


def records(raw: bytes) -> list[tuple[dict[str, str], Any, bytes]]:
    """What warcio makes of it: fields, HTTP head, content; every digest is checked or raises."""
    found = []
    for record in ArchiveIterator(io.BytesIO(raw), check_digests="raise"):
        content = record.raw_stream.read()
        found.append((dict(record.rec_headers.headers), record.http_headers, content))
    return found


def test_what_was_written_is_read_back_to_the_letter() -> None:
    raw, places = encode(*ALL)
    assert [exchange for _, _, exchange in read_warc(raw)] == ALL
    assert [exchange for _, _, exchange in read_warc(io.BytesIO(raw))] == ALL
    assert [place[:2] for place in read_warc(raw)] == places


def test_one_record_alone_gives_its_answer() -> None:
    raw, places = encode(*ALL)
    for exchange, (offset, length) in zip(ALL, places, strict=True):
        alone = parse_exchange(raw[offset : offset + length])
        assert alone == msgspec.structs.replace(exchange, request_headers=())


def test_the_same_exchanges_make_the_same_file_and_other_ones_another() -> None:
    assert encode(*ALL) == encode(*ALL)
    ids = [fields["WARC-Record-ID"] for fields, _, _ in records(encode(PAGE, PAGE, CUT)[0])]
    assert len(set(ids)) == len(ids)
    others = records(encode(CUT, PAGE, PAGE)[0])
    assert ids[1:] != [fields["WARC-Record-ID"] for fields, _, _ in others][1:]


def test_the_file_follows_the_standard_in_what_other_readers_look_at() -> None:
    raw, places = encode(PAGE)
    info, request, response = records(raw)
    assert raw.count(b"\x1f\x8b\x08") >= 3
    assert zlib.decompress(raw[places[0][0] :][: places[0][1]], 31).startswith(
        b"WARC/1.1\r\nWARC-Type: response\r\n"
    )
    assert info[0]["WARC-Type"] == "warcinfo"
    assert info[0]["Content-Type"] == "application/warc-fields"
    assert info[2] == b"software: Holdfast/9\r\nformat: WARC File Format 1.1\r\n"
    assert request[0]["WARC-Type"] == "request"
    assert request[0]["Content-Type"] == "application/http; msgtype=request"
    assert request[0]["WARC-Concurrent-To"] == response[0]["WARC-Record-ID"]
    assert response[0]["Content-Type"] == "application/http; msgtype=response"
    assert response[0]["WARC-Date"] == request[0]["WARC-Date"] == "2023-11-14T22:13:20.123456Z"
    assert response[0]["WARC-Target-URI"] == request[0]["WARC-Target-URI"] == PAGE.url
    assert response[0]["WARC-IP-Address"] == "149.154.167.99"
    assert response[0]["WARC-Payload-Digest"] == f"sha256:{hashlib.sha256(PAGE.raw_body).hexdigest()}"
    assert {fields["WARC-Warcinfo-ID"] for fields, _, _ in (request, response)} == {info[0]["WARC-Record-ID"]}
    assert request[1].to_str().startswith("GET /s/one?before=5 HTTP/1.1\r\nHost: t.me\r\n")
    assert (response[1].protocol, response[1].statusline) == ("HTTP/1.1", "200 OK")
    assert response[2] == PAGE.raw_body


def test_the_body_stands_without_transfer_coding_and_says_so_and_keeps_its_content_coding() -> None:
    raw, _ = encode(PAGE)
    for record in ArchiveIterator(io.BytesIO(raw)):
        if record.rec_type == "response":
            assert record.http_headers.get_header("Transfer-Encoding") is None
            assert record.http_headers.get_header("X-Orig-Transfer-Encoding") == "chunked"
            assert record.content_stream().read().decode() == "страница"


def test_a_body_that_looks_like_chunks_is_not_taken_apart() -> None:
    tricky = msgspec.structs.replace(
        PAGE,
        raw_body=b"5\r\nabcde\r\n0\r\n\r\n",
        response_headers=(
            ("transfer-encoding", "chunked"),
            ("X-Orig-Transfer-Encoding", "the server's own"),
            ("x-orig-x-orig-TRANSFER-encoding", "twice"),
        ),
    )
    raw, _ = encode(tricky)
    assert [exchange for _, _, exchange in read_warc(raw)] == [tricky]
    assert records(raw)[2][2] == tricky.raw_body


@pytest.mark.parametrize(
    ("outcome", "truncated"),
    [("cut", "disconnect"), ("timed out", "time"), ("too large", "length"), ("answered", None)],
)
def test_a_body_that_is_not_whole_says_why(outcome: Any, truncated: str | None) -> None:
    raw, _ = encode(msgspec.structs.replace(PAGE, outcome=outcome))
    assert records(raw)[2][0].get("WARC-Truncated") == truncated


def test_what_had_no_answer_is_told_in_a_metadata_record() -> None:
    info, refused, request, silent = records(encode(REFUSED, SILENT)[0])
    assert refused[0]["WARC-Type"] == silent[0]["WARC-Type"] == "metadata"
    assert refused[2] == b"outcome: refused\r\ndetail: nobody is there\r\n"
    assert request[0]["WARC-Concurrent-To"] == silent[0]["WARC-Record-ID"]
    assert "WARC-Payload-Digest" not in refused[0]
    assert info[0]["WARC-Date"] == "2023-11-14T22:13:20.000000Z"


def test_a_media_file_that_lies_elsewhere_is_a_revisit_by_its_digest() -> None:
    _, _, revisit = records(encode(MEDIA)[0])
    assert revisit[0]["WARC-Type"] == "revisit"
    assert revisit[0]["WARC-Profile"].endswith("1.1/revisit/identical-payload-digest")
    assert revisit[0]["WARC-Payload-Digest"] == f"sha256:{hashlib.sha256(b'the media').hexdigest()}"
    assert revisit[1].get_header("Content-Length") == "9"
    assert revisit[2] == b""


def test_what_lets_others_act_in_our_name_is_not_written() -> None:
    secret = msgspec.structs.replace(
        PAGE,
        request_headers=(
            ("Cookie", "secret"),
            ("AUTHORIZATION", "secret"),
            ("Proxy-Authorization", "secret"),
            ("X-Other", "shown"),
        ),
    )
    raw, _ = encode(secret)
    whole = gzip.decompress(raw)
    assert b"secret" not in whole
    assert whole.count(b"(redacted)") == 3
    assert b"X-Other: shown\r\n" in whole
    assert b"Set-Cookie: a=b\r\n" in whole  # the server's word is kept as it came


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://t.me/a b"},
        {"url": "https://t.me/\r\nWARC-Type: x"},
        {"url": "ftp://t.me/"},
        {"url": "https://t.me/канал"},
        {"response_headers": (("A", "b\r\nC: d"),)},
        {"response_headers": (("A\n", "b"),)},
        {"response_headers": (("", "b"),)},
        {"response_headers": (("A: b", "c"),)},
        {"response_headers": (("A", "Ж"),)},
        {"request_headers": (("A", "b\x00"),)},
        {"reason": "OK\r\nX: y"},
        {"detail": "a\nb"},
        {"address": "::1\r\nX: y"},
        {"status": 99},
        {"status": 1000},
        {"started_at": 1e18},
        {"started_at": float("nan")},
        {"method": "GET /x\r\n"},
    ],
)
def test_nothing_can_break_out_of_its_record(changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        encode(msgspec.structs.replace(PAGE, **changes))


def test_a_software_name_with_a_line_break_is_refused() -> None:
    with pytest.raises(UsageError):
        encode_warc([], software="a\r\nb: c", created_at=0)


text = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20)
names = st.from_regex(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}", fullmatch=True) | st.sampled_from(
    ["Transfer-Encoding", "x-orig-transfer-encoding", "X-Orig-X-Orig-Transfer-Encoding"]
)
headers = st.lists(st.tuples(names, text), max_size=4).map(tuple)
times = st.integers(0, 4_000_000_000_000_000).map(lambda micros: micros / 1_000_000)
visible = text.map(lambda value: value.encode("ascii", "ignore").decode().strip())
answered = st.builds(
    Exchange,
    url=st.sampled_from(["https://t.me/", "http://[::1]:80/x?y", "https://a.example?z"]),
    status=st.integers(100, 999),
    reason=text,
    http_version=st.sampled_from(["HTTP/1.0", "HTTP/1.1"]),
    request_headers=headers.map(lambda found: tuple(h for h in found if "auth" not in h[0].lower() and "cookie" not in h[0].lower())),
    response_headers=headers,
    raw_body=st.binary(max_size=200),
    started_at=times,
    finished_at=times,
    outcome=st.sampled_from(OUTCOMES),
    detail=visible,
    address=st.none() | st.ip_addresses().map(str),
    retry_at=st.none() | times,
)  # fmt: skip
silent = st.builds(
    Exchange, url=st.just("https://t.me/"), method=st.sampled_from(["GET", "HEAD"]), started_at=times,
    finished_at=times, outcome=st.sampled_from(OUTCOMES), detail=visible, request_headers=st.just(()),
)  # fmt: skip
kept = st.builds(
    lambda exchange, start, size: msgspec.structs.replace(
        exchange, raw_body=b"", kept=Kept(hashlib.sha256(b"x").hexdigest(), start, size)
    ),
    answered,
    st.integers(0, 2**62),
    st.integers(0, 2**62),
)


@given(st.lists(answered | silent | kept, max_size=4))
def test_every_exchange_comes_back_as_it_went_in(exchanges: list[Exchange]) -> None:
    raw, places = encode(*exchanges)
    read = list(read_warc(raw))
    assert [exchange for _, _, exchange in read] == exchanges
    assert [(offset, length) for offset, length, _ in read] == places
    answers = [fields for fields, _, _ in records(raw) if fields["WARC-Type"] not in ("warcinfo", "request")]
    assert len(answers) == len(exchanges)


def remade(raw: bytes, old: bytes, new: bytes, *, honest: bool) -> bytes:
    """The file with some bytes of its records changed; `honest` ones state the digests and lengths they have."""
    out = []
    rest = raw
    while rest:
        engine = zlib.decompressobj(31)
        content = engine.decompress(rest).replace(old, new)
        rest = engine.unused_data
        if honest:
            head, _, block = content.partition(b"\r\n\r\n")
            block = block[:-4]
            lines = [
                line
                for line in head.split(b"\r\n")
                if not line.startswith((b"Content-Length", b"WARC-Block-D"))
            ]
            digest = hashlib.sha256(block).hexdigest().encode()
            lines += [b"Content-Length: %d" % len(block), b"WARC-Block-Digest: sha256:" + digest]
            content = b"\r\n".join(lines) + b"\r\n\r\n" + block + b"\r\n\r\n"
        out.append(gzip.compress(content, mtime=0))
    return b"".join(out)


@pytest.mark.parametrize(
    ("old", "new", "honest"),
    [
        (b"half", b"hulf", False),
        (b"half", b"hulf", True),  # the payload's digest gives it away
        (b"half", b"halve", False),
        (b"GET /s", b"GET /t", False),
        (b"GET /s/one", b"GET /s one", True),
        (b"HTTP/1.1 206", b"HTTP/1.1 2O6", True),
        (b"Set-Cookie: a=b", b"Set-Cookie", True),
        (b"WARC/1.1", b"WARC/1.0", True),
        (b"WARC-Type: response", b"WARC-Type: resource", True),
        (b"WARC-Type: request", b"WARC-Type: response", True),
        (b"WARC-Type: warcinfo", b"WARC-Type: metadata", True),
        (b"WARC-Date: 2023", b"WARC-Date: 20x3", True),
        (b"WARC-Date: 2023-11", b"WARC-Date: 2023-13", True),
        (b"Holdfast-Outcome: cut", b"Holdfast-Outcome: fine", True),
        (b"Holdfast-Outcome: cut\r\n", b"", True),
        (b"WARC-Concurrent-To: <urn:uuid:", b"WARC-Concurrent-To: <urn:uuid:0", True),
        (b"WARC-Warcinfo-ID: <urn:uuid:", b"WARC-Warcinfo-ID: <urn:uuid:0", True),
        (b"WARC-Target-URI: https://t.me/s", b"WARC-Target-URI: \xff", True),
        (b"Holdfast-Outcome:", b"Holdfast-Detail: x\r\nHoldfast-Outcome:", True),
        (b"WARC-Payload-Digest: sha256:", b"WARC-Payload-Digest: sha1:", True),
        (b"\r\n\r\nhalf", b"half", True),
    ],
)
def test_a_file_that_was_changed_is_not_believed(old: bytes, new: bytes, honest: bool) -> None:
    raw, _ = encode(CUT)
    assert list(read_warc(remade(raw, b"", b"", honest=True)))
    changed = remade(raw, old, new, honest=honest)
    assert changed != remade(raw, b"", b"", honest=honest)
    with pytest.raises(FormatError):
        list(read_warc(changed))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Holdfast-Kept: 0 9", b"Holdfast-Kept: 0"),
        (b"Holdfast-Kept: 0 9\r\n", b""),
        (b"Payload-Digest: sha256:", b"Payload-Digest: sha256:0"),
        (b"Content-Length: 9\r\n\r\n", b"Content-Length: 9\r\n\r\nx"),
    ],
)
def test_a_revisit_that_does_not_say_where_its_body_lies_is_refused(old: bytes, new: bytes) -> None:
    raw, _ = encode(MEDIA)
    with pytest.raises(FormatError):
        list(read_warc(remade(raw, old, new, honest=True)))


def test_a_file_that_is_cut_anywhere_is_not_whole() -> None:
    raw, places = encode(PAGE, REFUSED)
    ends = {places[0][0] + places[0][1], len(raw) - places[1][1]}
    starts = {int(start) for start in (0, places[0][0])}
    for at in range(0, len(raw), 7):
        if at in ends:
            continue
        with pytest.raises(FormatError):
            list(read_warc(raw[:at]))
    with pytest.raises(FormatError, match="ends before its last record"):
        list(read_warc(raw[: max(starts)]))


def test_a_record_that_unpacks_to_more_than_agreed_is_left_alone() -> None:
    raw, places = encode(msgspec.structs.replace(PAGE, raw_body=b"\0" * 3_000_000))
    with pytest.raises(FormatError, match="more than 1000000 bytes"):
        list(read_warc(raw, max_bytes=1_000_000))
    with pytest.raises(FormatError, match="more than 1000000 bytes"):
        parse_exchange(raw[places[0][0] :], max_bytes=1_000_000)


def test_only_the_place_of_one_answer_is_parsed() -> None:
    raw, places = encode(PAGE, REFUSED)
    offset, length = places[0]
    for wrong in (b"", raw, raw[:offset], raw[offset + 1 :][:length], raw[offset : offset + length - 1]):
        with pytest.raises(FormatError):
            parse_exchange(wrong)
    first = next(iter(ArchiveIterator(io.BytesIO(raw)))).rec_headers
    assert first.get_header("WARC-Type") == "warcinfo"
    request_start = len(encode()[0])
    with pytest.raises(FormatError, match="not the WARC record of an answer"):
        parse_exchange(raw[request_start:offset])


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_a_file_or_a_format_error(raw: bytes, packed: bool) -> None:
    with pytest.raises(FormatError):
        list(read_warc(gzip.compress(b"WARC/1.1\r\n" + raw) if packed else raw))
    with pytest.raises(FormatError):
        parse_exchange(gzip.compress(raw) if packed else raw)
