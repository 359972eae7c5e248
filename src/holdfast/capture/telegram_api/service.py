"""A service post's action -> what happened, named as in Telegram Desktop's exports, persons kept apart."""

from __future__ import annotations

from typing import Any, Final

from holdfast.capture.telegram_api.values import Peers, Unknown, fields_of, kind_of, snake, utc

__all__ = ["SAYS_WHICH_POST", "action_of"]

_PREFIX: Final = "MessageAction"
_NAMES: Final = {
    "BoostApply": "boost_apply",
    "BotAllowed": "allow_sending_messages",
    "ChannelCreate": "create_channel",
    "ChannelMigrateFrom": "migrate_from_group",
    "ChatAddUser": "invite_members",
    "ChatCreate": "create_group",
    "ChatDeletePhoto": "delete_group_photo",
    "ChatDeleteUser": "remove_members",
    "ChatEditPhoto": "edit_group_photo",
    "ChatEditTitle": "edit_group_title",
    "ChatJoinedByLink": "join_group_by_link",
    "ChatJoinedByRequest": "join_group_by_request",
    "ChatMigrateTo": "migrate_to_supergroup",
    "ContactSignUp": "joined_telegram",
    "GameScore": "score_in_game",
    "GeoProximityReached": "proximity_reached",
    "GiftCode": "gift_code_prize",
    "GiftPremium": "send_premium_gift",
    "GiftStars": "send_stars_gift",
    "GiveawayLaunch": "giveaway_launch",
    "GiveawayResults": "giveaway_results",
    "GroupCall": "group_call",
    "GroupCallScheduled": "group_call_scheduled",
    "HistoryClear": "clear_history",
    "InviteToGroupCall": "invite_to_group_call",
    "PaymentRefunded": "refunded_payment",
    "PaymentSent": "send_payment",
    "PhoneCall": "phone_call",
    "PinMessage": "pin_message",
    "PrizeStars": "stars_prize",
    "RequestedPeer": "requested_peer",
    "ScreenshotTaken": "take_screenshot",
    "SecureValuesSent": "send_passport_values",
    "SetChatTheme": "edit_chat_theme",
    "SetChatWallPaper": "set_chat_wallpaper",
    "SetMessagesTTL": "set_messages_ttl",
    "StarGift": "send_star_gift",
    "SuggestProfilePhoto": "suggest_profile_photo",
    "TodoAppendTasks": "todo_append_tasks",
    "TodoCompletions": "todo_completions",
    "TopicCreate": "topic_created",
    "TopicEdit": "topic_edit",
    "WebViewDataSent": "send_webview_data",
}
"""The schema's names and the exporter's."""

SAYS_WHICH_POST: Final = {
    "pin_message": "message_id",
    "score_in_game": "game_message_id",
    "send_payment": "invoice_message_id",
    "set_same_chat_wallpaper": "message_id",
}
"""Actions about another post, and the name under which exports write its id instead of a reply."""

_MEMBERS: Final = ("invite_members", "remove_members", "create_group", "invite_to_group_call")
_LEFT_OUT: Final = frozenset({"call", "photo", "wallpaper", "theme"})
"""Fields that mean something to a client only, or are told as media."""


def action_of(action: Any, persons: dict[str, Any], peers: Peers, unknown: Unknown) -> dict[str, Any]:
    """What happened, as `type` and the action's own fields. One that nobody here knows keeps the schema's name."""
    short = kind_of(action).removeprefix(_PREFIX)
    name = _NAMES.get(short)
    if short == "CustomAction":
        return {"information_text": action.message}
    if name is None:
        unknown[kind_of(action)] += 1
        return {"type": snake(short), **fields_of(action, persons)}
    found: dict[str, Any] = {}
    own = {key: value for key, value in fields_of(action, found).items() if key not in _LEFT_OUT}
    if name in _MEMBERS:
        _members(found, persons, peers)
    persons |= found
    match name:
        case "set_chat_wallpaper" if own.pop("same", None):
            name = "set_same_chat_wallpaper"
        case "allow_sending_messages" if own.pop("attach_menu", None):
            name = "attach_menu_bot_allowed"
        case "group_call_scheduled":
            own["schedule_date"] = utc(action.schedule_date)
        case "migrate_to_supergroup":
            own = {"channel": str(action.channel_id)}
        case "migrate_from_group":
            own = {"title": own.get("title"), "chat": str(action.chat_id)}
        case "topic_edit":
            own = {f"new_{key}": value for key, value in own.items()}
        case "phone_call":
            own = {"duration_seconds" if key == "duration" else key: value for key, value in own.items()}
    return {"type": name, **own}


def _members(found: dict[str, Any], persons: dict[str, Any], peers: Peers) -> None:
    """Members by name, as exports have them, and by id."""
    ids = found.pop("users", None)
    one = found.pop("user_id", None)
    numbers = ids if isinstance(ids, list) else [one] if one is not None else []
    persons["members"] = [peers.name(f"user{each}") for each in numbers]
    persons["member_ids"] = [f"user{each}" for each in numbers]
