"""Reads what is said in a recording from files that somebody made: SubRip, WebVTT, Whisper's JSON."""

from __future__ import annotations

from holdfast.capture.transcript.parse import Segment, Transcript, parse_transcript

__all__ = ["Segment", "Transcript", "parse_transcript"]
