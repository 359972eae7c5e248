"""A transcript of any of three forms becomes stretches of speech with their times; broken ones are counted or refused."""

from __future__ import annotations

import codecs
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.capture.transcript import Segment, parse_transcript
from holdfast.capture.transcript.parse import TRANSCRIPT_MAX_BYTES
from holdfast.errors import FormatError

SRT = """1
00:00:02,000 --> 00:00:09,500 X1:1
<i>Это</i> выдумано,
{\\an8}вторая строка &amp; всё.

2
00:00:01.5 --> 00:00:02.000
Раньше.

3
00:09:00,000 --> 00:00:01,000
наоборот

x --> y

4
00:00:20,000 --> 00:00:21,000
"""


@pytest.mark.parametrize(
    "raw",
    [
        SRT.encode(),
        codecs.BOM_UTF8 + SRT.replace("\n", "\r\n").encode(),
        codecs.BOM_UTF16_LE + SRT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + SRT.encode("utf-16-be"),
        SRT.encode("cp1251"),
    ],
)
def test_subtitles_are_read_in_order_of_time_and_what_is_broken_is_counted(raw: bytes) -> None:
    found = parse_transcript(raw, "talk.srt")
    assert found.segments == (
        Segment(1500, 2000, "Раньше."),
        Segment(2000, 9500, "Это выдумано, вторая строка & всё."),
    )
    assert (found.format, found.skipped, found.lang, found.confidence) == ("srt", 2, None, None)


def test_webvtt_says_its_language_and_its_notes_are_no_speech() -> None:
    raw = "WEBVTT\nLanguage: ru\n\nNOTE aside\n\nSTYLE\n::cue {}\n\n01:02.000 --> 01:03.000\n<v Анна>Слова<c.x> тут</c>\n"
    found = parse_transcript(raw.encode(), "talk.vtt")
    assert (found.format, found.lang) == ("vtt", "ru")
    assert found.segments == (Segment(62_000, 63_000, "Слова тут"),)


def test_whisper_tells_how_sure_it_is() -> None:
    raw = (
        '{"language":"russian","segments":[{"start":1.25,"end":2,"text":" Слова  тут ","avg_logprob":-0.1},'
        '{"start":2,"end":3,"text":"тише","avg_logprob":-0.1,"no_speech_prob":0.9},{"start":3,"end":4,"text":""},'
        '{"start":5,"end":4,"text":"back"},{"start":-1,"end":4,"text":"x"},{"start":1,"end":9e99,"text":"x"},7,'
        '{"start":1,"end":2,"text":5},{"start":"1","end":2,"text":"x"},{"start":6,"end":7,"text":"x","avg_logprob":5}]}'
    )
    found = parse_transcript(raw.encode(), "talk.json")
    assert (found.format, found.lang, found.skipped) == ("whisper", "ru", 6)
    assert found.segments[0] == Segment(1250, 2000, "Слова тут", 90)
    assert found.segments[1].confidence == 9
    assert found.segments[2].confidence is None
    assert found.confidence == 65


def test_whisper_cpp_counts_milliseconds() -> None:
    raw = '{"result":{"language":"en"},"transcription":[{"offsets":{"from":1000,"to":2000},"text":"words"}]}'
    found = parse_transcript(raw.encode(), "talk.json")
    assert (found.lang, found.segments) == ("en", (Segment(1000, 2000, "words"),))


@pytest.mark.parametrize("lang", ['"in no language at all"', "7", "null"])
def test_a_language_that_is_none_is_left_out(lang: str) -> None:
    raw = f'{{"language":{lang},"segments":[{{"start":1,"end":2,"text":"x"}}]}}'
    assert parse_transcript(raw.encode(), "x.json").lang is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no cues",
        b"{}",
        b"[1]",
        b"{",
        b'{"segments":NaN}',
        b'{"segments":[]}',
        b'{"segments":[{"start":0,"end":300000000,"text":"x"}]}',
        codecs.BOM_UTF16_LE + b"\x00\xd8a",
        b"0" * (TRANSCRIPT_MAX_BYTES + 1),
    ],
    ids=range(10),
)
def test_what_is_no_transcript_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse_transcript(raw, "talk.json" if raw.startswith(b"[") else "talk.srt")


@given(raw=st.binary(max_size=300), name=st.sampled_from(["a.srt", "a.vtt", "a.json"]))
@settings(max_examples=200)
def test_any_bytes_give_a_transcript_or_a_format_error(raw: bytes, name: str) -> None:
    with contextlib.suppress(FormatError):
        assert parse_transcript(raw, name).segments
