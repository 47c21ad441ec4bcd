"""One JSON object per log line, with secrets taken out."""

from __future__ import annotations

import json
import logging
import re

# What must never be written: bearer tokens, app passwords, keys in query strings.
SECRET = re.compile(
    r"(?i)(bearer\s+|token[=:]\s*|password[=:]\s*|secret[=:]\s*|api_key[=:]\s*|bot)"
    r"([A-Za-z0-9._:\-]{8,})"
)


def redact(text: str) -> str:
    """`text` without anything that looks like a credential."""
    return SECRET.sub(r"\1[redacted]", text)


class JsonFormatter(logging.Formatter):
    """time, level, logger, message, and the exception's text if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
