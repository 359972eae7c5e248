"""Makes up a channel's life for the tour: nothing in it ever happened."""

from __future__ import annotations

import json
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["CHANNEL_ID", "PUBLISHED", "TITLE", "write_exports", "write_reports"]

CHANNEL_ID = 4_000_000_001
TITLE = "Тихий берег (выдуманный канал)"
_START = 1_700_128_800  # 16 November 2023, 10:00 UTC

# (hours after the start, text, extra fields). Every name, place and event is invented or common.
_POSTS: list[tuple[float, Any, dict[str, Any]]] = [
    (0.0, "Это выдуманный канал для показа программы. Здесь ничего не происходило.", {}),
    (1.0, "Собираем тёплые вещи. Пункт у пристани, с десяти до шести.", {"reactions": [("👍", 12)]}),
    (2.5, [{"type": "bold", "text": "Автобус до Бердянска"}, " отменён до понедельника. Справки по телефону диспетчерской."], {"edited": 3.0}),
    (4.0, "Дорога на Бердянськ відкрита. Їдьте обережно, ожеледиця.", {}),
    (5.0, "For our friends abroad: the road to Berdyansk is open again.", {}),
    (7.0, "Кто видел серую собаку с красным ошейником? Пропала вечером у маяка.", {"photo": True}),
    (20.0, "Доброе утро. Море спокойное, ветер слабый, плюс четыре.", {"reactions": [("❤", 31), ("👍", 7)]}),
    (22.0, "Видео: Анна рассказывает, как мы искали лодку. Девять минут, посмотрите до конца.",
     {"media_type": "video_file", "mime_type": "video/mp4", "duration_seconds": 540, "width": 1280, "height": 720,
      "file": "(File not included. Change data exporting settings to download.)"}),
    (23.0, ["Подробности — на ", {"type": "text_link", "text": "странице о погоде", "href": "https://weather.example/port"}, "."], {}),
    (25.0, "Сбор у причала переносится на 18:00.", {"edited": 26.0}),
    (26.0, "Это объявление исчезнет из следующей выгрузки.", {}),
    (27.0, {"poll": ("Когда удобнее встречаться?", [("в субботу", 41), ("в воскресенье", 18)])}, {}),
    (30.0, "Путь домой открыт: паром ходит каждые два часа. #расписание", {"reactions": [("🎉", 9)]}),
    (44.0, "Put' domoi — так написали о нас соседи. Спасибо!", {}),
    (46.0, "Собака нашлась! Всем спасибо, хозяйка уже едет.", {"reply": 6, "reactions": [("❤", 88)]}),
    (47.5, "Зимнее расписание вступает в силу с понедельника.", {"forwarded_from": "Порт (выдуманный)"}),
]  # fmt: skip


def write_exports(folder: Path) -> tuple[Path, Path]:
    """Write the channel as two exports, a day apart, in the shape of Telegram Desktop's.

    In the second one a post's text was changed, one is gone, and reactions grew. Effects: makes
    `folder`/ChatExport_2023-11-18 and `folder`/ChatExport_2023-11-19. Returns their paths.
    """
    first, second = folder / "ChatExport_2023-11-18", folder / "ChatExport_2023-11-19"
    for path, later in ((first, False), (second, True)):
        (path / "photos").mkdir(parents=True)
        (path / "photos" / "photo_1@16-11-2023_17-00-00.png").write_bytes(_picture())
        export = {"name": TITLE, "type": "public_channel", "id": CHANNEL_ID, "messages": _messages(later)}
        (path / "result.json").write_text(json.dumps(export, ensure_ascii=False, indent=1), encoding="utf-8")
    return first, second


def _messages(later: bool) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [
        {"id": 1, "type": "service", **_time("date", _START - 60), "actor": TITLE, "actor_id": f"channel{CHANNEL_ID}",
         "action": "create_channel", "title": TITLE, "text": "", "text_entities": []},
    ]  # fmt: skip
    for number, (hours, text, extra) in enumerate(_POSTS, start=2):
        if later and isinstance(text, str) and text.startswith("Это объявление исчезнет"):
            continue
        if later and number == 11:
            text, extra = "Сбор у причала переносится на 19:30. Возьмите фонари.", {**extra, "edited": 49.0}
        message: dict[str, Any] = {
            "id": number,
            "type": "message",
            **_time("date", _START + int(hours * 3600)),
        }
        if "edited" in extra:
            message |= _time("edited", _START + int(extra["edited"] * 3600))
        message |= {"from": TITLE, "from_id": f"channel{CHANNEL_ID}"}
        if "forwarded_from" in extra:
            message["forwarded_from"] = extra["forwarded_from"]
        if "reply" in extra:
            message["reply_to_message_id"] = extra["reply"] + 1
        if extra.get("photo"):
            message |= {"photo": "photos/photo_1@16-11-2023_17-00-00.png", "width": 64, "height": 48}
        message |= {
            key: extra[key]
            for key in ("file", "media_type", "mime_type", "duration_seconds", "width", "height")
            if key in extra
        }
        if isinstance(text, dict):
            question, answers = text["poll"]
            message |= _poll(question, answers, later)
            text = ""
        message |= {"text": text, "text_entities": _entities(text)}
        if "reactions" in extra:
            message["reactions"] = [
                {"type": "emoji", "count": count + (5 if later else 0), "emoji": emoji}
                for emoji, count in extra["reactions"]
            ]
        messages.append(message)
    return messages


def _entities(text: Any) -> list[dict[str, Any]]:
    runs = text if isinstance(text, list) else [text] if text else []
    return [{"type": "plain", "text": run} if isinstance(run, str) else run for run in runs]


def _poll(question: str, answers: list[tuple[str, int]], later: bool) -> dict[str, Any]:
    counted: list[dict[str, Any]] = [
        {"text": text, "voters": voters + (3 if later else 0), "chosen": False} for text, voters in answers
    ]
    total = sum(each["voters"] for each in counted)
    return {"poll": {"question": question, "closed": False, "total_voters": total, "answers": counted}}


def _time(name: str, unix_s: int) -> dict[str, str]:
    """A time as an exporter at UTC+3 writes it."""
    local = datetime.fromtimestamp(unix_s + 3 * 3600, UTC)
    return {name: local.strftime("%Y-%m-%dT%H:%M:%S"), f"{name}_unixtime": str(unix_s)}


def _picture() -> bytes:
    """A small PNG: a grey sea under a lighter sky."""
    rows = b"".join(b"\0" + bytes([200 - 2 * y if y < 24 else 90 + y]) * 64 for y in range(48))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 64, 48, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


PUBLISHED = {"courier.txt": "2023-12-29T14:05+03:00", "vestnik.txt": "2023-12-29T18:30+03:00"}
"""When the two invented reports are said to have been published."""
_REPORTS = {
    "courier.txt": """\
This report is made up, like the channel that it speaks of.

Put’ Dumoi, a movement of soldiers’ wives, has released a video of a widow. The nine-minute video has gathered over 25,000 views \
since it was published on Put’ Dumoi’s Telegram channel late Thursday. “Today I had a call, and there is nothing left to wait for,” \
she said in the video.

At least 30 people came to the square in November. Put’ Domoi’s Telegram channel, which has over 38,000 followers, has been labeled \
“fake” by Telegram after a complaint by a blogger.
""",
    "vestnik.txt": """\
Эта заметка выдумана. Выдуман и её канал.

Телеграм-канал «Путь домой» поздно вечером в четверг опубликовал девятиминутное видео вдовы. Видео набрало более 50 тысяч просмотров. \
«Я приехала в Бердянск одна, чтобы встретить праздник рядом с ним», — говорит Мария Ишкова на видео.

На канал «Путь домой» подписаны более 38 тысяч человек. Telegram пометил канал «Путь домой» плашкой Fake.
""",
}


def write_reports(folder: Path) -> list[Path]:
    """Two invented news reports of a channel that never was, in English and in Russian; one of them exaggerates."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in _REPORTS.items():
        path = folder / name
        path.write_text(text, "utf-8")
        paths.append(path)
    return paths
