"""Small scenarios for tests, and what the product's own parser makes of their pages."""

from __future__ import annotations

from holdfast.capture.contract import AnswerSeen
from holdfast.capture.telegram_web import Asked, parse_answer
from holdfast.fake_telegram import Answer, Scenario, parse_scenario

START = 1_700_000_000
HOUR = 3600
ORIGIN = "http://127.0.0.1:8080"
HEAD = """
format = 1
start = 2023-11-14T22:13:20Z
"""
CHANNEL = """
[[channel]]
id = 71
username = "Pier_News"
title = "Pier"
followers = 12
"""

EVERYTHING = """
[[channel.post]]
at = "+1m"
media = [{kind = "photo", format = "png"}]
[[channel.post]]
at = "+1m"
text = "nine minutes"
media = [{kind = "video", duration = "9m"}]
[[channel.post]]
at = "+1m"
media = [{kind = "video", duration = 3723, too_big = true}]
[[channel.post]]
at = "+1m"
media = [{kind = "round_video", duration = 12, width = 384, height = 384}]
reactions = {"👍" = 1}
[[channel.post]]
at = "+1m"
media = [{kind = "voice", duration = 1}]
[[channel.post]]
at = "+1m"
media = [{kind = "audio", title = "Song", performer = "Nobody"}]
[[channel.post]]
at = "+1m"
media = [{kind = "document", file_name = "a.pdf", size = 5000000}]
[[channel.post]]
at = "+1m"
media = [{kind = "sticker"}]
[[channel.post]]
at = "+1m"
media = [{kind = "animation", duration = 3}]
[[channel.post]]
at = "+1m"
media = [{kind = "poll", question = "Well?", answers = [["yes", 3], ["no", 1]]}]
[[channel.post]]
at = "+1m"
media = [{kind = "location", latitude = "46.75", longitude = "36.8"}]
[[channel.post]]
at = "+1m"
text = "an album"
media = [{kind = "photo"}, {kind = "video", duration = 5, too_big = true}, {kind = "photo"}]
[[channel.post]]
at = "+1m"
text = "from elsewhere"
forward = {name = "Other", username = "other_one", post = 5}
[[channel.post]]
at = "+1m"
text = "signed"
signature = "A. Nobody"
reactions = {"👍" = 3, paid = 1, "custom:5400" = 2}
"""
"""One post of every kind of media, and what else a post may have."""


def scenario(body: str = "", *, head: str = "", channel: str = "") -> Scenario:
    """A scenario of one channel. `head`: more of its first table; `channel`: more of the channel's; `body`: what comes after."""
    return parse_scenario(f"{HEAD}{head}\n{CHANNEL}{channel}\n{body}", "scene.toml")


def posts(count: int, *, text: str = "post", step: str = "m") -> str:
    """So many posts, one a minute."""
    return "".join(f'[[channel.post]]\nat = "+{n}{step}"\ntext = "{text} {n}"\n' for n in range(1, count + 1))


def seen(answer: Answer, *, post: int | None = None, name: str = "Pier_News") -> AnswerSeen:
    """What the product's parser sees in an answer."""
    headers = dict(answer.headers)
    asked = Asked("channel", name) if post is None else Asked("post", name, post=post)
    return parse_answer(
        asked, answer.status, headers.get("Location"), headers.get("Content-Type"), answer.body, base=ORIGIN
    )
