"""The one door to the web: limits, retries, and a raw record (WARC) of every exchange."""

from holdfast.fetch.body import BODY_MAX_BYTES, decode_body
from holdfast.fetch.door import Door
from holdfast.fetch.downloads import Download, download, partial_paths
from holdfast.fetch.exchange import OUTCOMES, Exchange, Headers, Kept, Outcome, redirect_target
from holdfast.fetch.policy import IDENTIFYING_USER_AGENT, PLAIN_USER_AGENT, Policy
from holdfast.fetch.retry import parse_http_date
from holdfast.fetch.warc import encode_warc
from holdfast.fetch.warc_reading import parse_exchange, read_warc

__all__ = [
    "BODY_MAX_BYTES",
    "IDENTIFYING_USER_AGENT",
    "OUTCOMES",
    "PLAIN_USER_AGENT",
    "Door",
    "Download",
    "Exchange",
    "Headers",
    "Kept",
    "Outcome",
    "Policy",
    "decode_body",
    "download",
    "encode_warc",
    "parse_exchange",
    "parse_http_date",
    "partial_paths",
    "read_warc",
    "redirect_target",
]
