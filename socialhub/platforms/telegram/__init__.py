"""Telegram channels, through the Bot API."""

from socialhub.platforms.telegram.adapter import TelegramAdapter

__all__ = ["TelegramAdapter"]
