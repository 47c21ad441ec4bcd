"""Our count against the regex module's, which follows UAX #29."""

from __future__ import annotations

import pytest
import regex

from socialhub.sandbox.graphemes import graphemes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "año",
        "an\u0303o",
        "👨‍👩‍👧‍👦👍🏽",
        "🇲🇽🇪🇸🇩",
        "a\r\nb\n\u0301",
        "한국어\u1112\u1161\u11ab",
        "1️⃣ ❤️‍🔥 ©️",
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
        "a\u200db\u200d🙂",
        "ไทย ｶﾞ 𝕏 \u200b\u0301",
    ],
)
def test_a_grapheme_is_what_a_reader_sees_as_one(text):
    assert graphemes(text) == len(regex.findall(r"\X", text))
