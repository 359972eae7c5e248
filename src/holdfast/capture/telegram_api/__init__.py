"""Asks Telegram's API about channels with an account, through Telethon: exact counters, marks both ways, edits, absences."""

from holdfast.capture.telegram_api.answer import parse_answer, parse_sealed
from holdfast.capture.telegram_api.card import card_from_chat, card_from_full
from holdfast.capture.telegram_api.client import ApiClient, TelethonClient
from holdfast.capture.telegram_api.download import Download
from holdfast.capture.telegram_api.extra import layer
from holdfast.capture.telegram_api.listing import ApiAnswer
from holdfast.capture.telegram_api.login import TelethonLogin, login
from holdfast.capture.telegram_api.pace import PaceRules
from holdfast.capture.telegram_api.post import post_from_message
from holdfast.capture.telegram_api.problems import PROBLEM_CODES
from holdfast.capture.telegram_api.raw import MEDIA_TYPE, Asked, Exchange, encode_raw, json_twin, parse_raw
from holdfast.capture.telegram_api.session import Session, load_session, save_session
from holdfast.capture.telegram_api.source import Answered, ApiSource, KnownChannel
from holdfast.capture.telegram_api.tlbytes import to_json

__all__ = [
    "MEDIA_TYPE",
    "PROBLEM_CODES",
    "Answered",
    "ApiAnswer",
    "ApiClient",
    "ApiSource",
    "Asked",
    "Download",
    "Exchange",
    "KnownChannel",
    "PaceRules",
    "Session",
    "TelethonClient",
    "TelethonLogin",
    "card_from_chat",
    "card_from_full",
    "encode_raw",
    "json_twin",
    "layer",
    "load_session",
    "login",
    "parse_answer",
    "parse_raw",
    "parse_sealed",
    "post_from_message",
    "save_session",
    "to_json",
]
