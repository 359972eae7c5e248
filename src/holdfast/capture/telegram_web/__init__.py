"""Reads Telegram's public preview pages: channel pages, single posts, landing pages."""

from holdfast.capture.telegram_web.answer import parse_answer
from holdfast.capture.telegram_web.asking import Asked, landing_path, path_of
from holdfast.capture.telegram_web.counts import parse_count
from holdfast.capture.telegram_web.problems import PROBLEM_CODES

__all__ = ["PROBLEM_CODES", "Asked", "landing_path", "parse_answer", "parse_count", "path_of"]
