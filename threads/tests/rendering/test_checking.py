"""What a template may not contain is refused, with a code, its place and what it is about."""

from __future__ import annotations

import pytest

from threads.rendering import TemplateProblem, problems
from threads.tests.rendering.pages import SHEET, SHEET_CSS

FIELDS = [
    {"name": "title", "type": "text"},
    {"name": "items", "type": "lines"},
    {"name": "price", "type": "price"},
    {"name": "accent", "type": "colour"},
    {"name": "photo", "type": "image"},
]
REMOTE = "https://example.com/x"


def codes(html: str, css: str = "", fields=FIELDS) -> list[tuple[str, dict]]:
    return [(problem.code, problem.params) for problem in problems(html, css, fields)]


def test_everything_a_template_may_use_is_accepted():
    html = (
        '<h1 data-fit="20 60" style="color: {{ accent }}">{{ title }}</h1>'
        '<img src="{{ photo }}" alt=""><img src="{{ brand.logo }}" alt="{{ brand.name }}">'
        '<p class="{% if title %}on{% endif %}">{{ price }} {{ price_note }}</p>{# said #}'
        "{% if items and not title %}{% for item in items %}<p>{{ loop.index }}. {{ item }}</p>"
        '{% endfor %}{% endif %}<img src="data:image/png;base64,AAAA">'
    )
    css = (
        "@media (min-width: 1px) { .a { background: url(data:image/svg+xml,%3Csvg/%3E) } }"
        ".b { filter: blur(2px); mask: url(#m); color: var(--brand-1) }"
    )

    assert codes(html, css) == []
    assert codes(SHEET.replace('src="photo"', 'src="{{ photo }}"'), SHEET_CSS) == []


@pytest.mark.parametrize(
    ("html", "code", "params"),
    [
        ("<script>x()</script>", "element", {"tag": "script"}),
        ("<SCRIPT src=x></SCRIPT>", "element", {"tag": "script"}),
        (f'<iframe src="{REMOTE}"></iframe>', "element", {"tag": "iframe"}),
        (f'<object data="{REMOTE}"></object>', "element", {"tag": "object"}),
        (f'<embed src="{REMOTE}">', "element", {"tag": "embed"}),
        (f'<meta http-equiv="refresh" content="0;url={REMOTE}">', "element", {"tag": "meta"}),
        (f'<link rel="prefetch" href="{REMOTE}">', "element", {"tag": "link"}),
        (f'<base href="{REMOTE}">', "element", {"tag": "base"}),
        (f'<video poster="{REMOTE}"></video>', "element", {"tag": "video"}),
        ("<style>p{}</style>", "element", {"tag": "style"}),
        ('<p onclick="x()">', "event_attribute", {"name": "onclick"}),
        (f'<img src="{REMOTE}">', "remote_address", {"address": REMOTE}),
        ('<img src="//example.com/x">', "remote_address", {"address": "//example.com/x"}),
        ('<img src="file:///etc/passwd">', "remote_address", {"address": "file:///etc/passwd"}),
        (f'<img srcset="{REMOTE} 2x">', "attribute", {"name": "srcset", "tag": "img"}),
        (f'<p background="{REMOTE}">', "attribute", {"name": "background", "tag": "p"}),
        (f'<svg><use href="{REMOTE}#a"/></svg>', "remote_address", {"address": f"{REMOTE}#a"}),
        (f'<svg><image xlink:href="{REMOTE}"/></svg>', "element", {"tag": "image"}),
        (f'<svg><path fill="url({REMOTE})"/></svg>', "remote_address", {"address": REMOTE}),
        ("<svg><foreignObject></foreignObject></svg>", "element", {"tag": "foreignobject"}),
        (f"<p style=\"background: u\\72l('{REMOTE}')\">", "remote_address", {"address": REMOTE}),
        ("<!doctype html>", "markup", {}),
        ("<!--><script>--><p>", "markup", {}),
        ("<p", "markup", {}),
        ("{{ missing }}", "undeclared_field", {"name": "missing"}),
        ("{% if missing %}{% endif %}", "undeclared_field", {"name": "missing"}),
        ("{{ items }}", "lines_need_for", {"name": "items"}),
        ("{% for a in title %}{% endfor %}", "for_needs_lines", {"name": "title"}),
        ("{{ title.__class__ }}", "not_allowed", {"what": "getattr"}),
        ("{{ title|upper }}", "not_allowed", {"what": "filter"}),
        ("{{ 9 ** 9 }}", "not_allowed", {"what": "pow"}),
        ("{{ title() }}", "not_allowed", {"what": "call"}),
        ("{% set a = 1 %}", "not_allowed", {"what": "assign"}),
        ("{% include 'a' %}", "not_allowed", {"what": "include"}),
        ("{% raw %}{#{% endraw %}<script>{% raw %}#}{% endraw %}", "not_allowed", {"what": "raw"}),
        ("<{{ title }}>", "field_in_tag", {}),
        ("<p class={{ title }}>", "field_in_tag", {}),
        ("<p {% if title %}onclick='x'{% endif %}>", "field_in_tag", {}),
        ('<p style="color: {{ title }}">', "field_in_style", {"name": "title"}),
        ('<p style="u{% if title %}rl(x){% endif %}">', "statement_in_style", {}),
        ('<img src="{{ title }}">', "not_an_image", {"name": "title"}),
        ('<img src="https://x/{{ photo }}">', "image_is_one_field", {}),
        ("<img>", "image_is_one_field", {}),
        ('<p data-fit="60 20">a</p>', "fit", {"value": "60 20"}),
        ('<p data-fit="1 2"><b data-fit="1 2">a</b></p>', "fit_nested", {}),
        ("<div>" * 61, "too_deep", {"most": 60}),
        ("<br>" * 2001, "too_many_elements", {"most": 2000}),
        ("a" * 100_001, "too_long", {"most": 100_000}),
    ],
)  # fmt: skip
def test_html_is_refused(html, code, params):
    assert (code, params) in codes(html)


@pytest.mark.parametrize(
    ("css", "code", "params"),
    [
        (f'@import "{REMOTE}";', "at_rule", {"name": "import"}),
        (f"@font-face {{ src: url({REMOTE}) }}", "at_rule", {"name": "font-face"}),
        (f"p {{ background: url({REMOTE}) }}", "remote_address", {"address": REMOTE}),
        (f"p {{ background: URL( '{REMOTE}' ) }}", "remote_address", {"address": REMOTE}),
        (f"p {{ background: u\\72 l({REMOTE}) }}", "remote_address", {"address": REMOTE}),
        (f"@media print {{ p {{ b: url({REMOTE}) }} }}", "remote_address", {"address": REMOTE}),
        (f"p {{ & b {{ c: url({REMOTE}) }} }}", "remote_address", {"address": REMOTE}),
        (f"p {{ --a: url({REMOTE}) }}", "remote_address", {"address": REMOTE}),
        (f"p {{ b: image-set('{REMOTE}' 1x) }}", "remote_address", {"address": "image-set()"}),
        ("p { width: expression(alert(1)) }", "remote_address", {"address": "expression()"}),
        ("p { font-family: Helvetica }", "font", {"name": "Helvetica"}),
        ("p { behavior: none }", "property", {"name": "behavior"}),
        ("p { background: url(data:text/html,x) }", "remote_address",
         {"address": "data:text/html,x"}),
        ("p { color: {{ accent }} }", "field_in_css", {}),
        ("p { filter: blur(1px) }" * 21, "too_many_filters", {"most": 20}),
        ("p } q", "css_syntax", {"detail": "EOF reached before {} block for a qualified rule."}),
    ],
)  # fmt: skip
def test_css_is_refused(css, code, params):
    assert (code, params) in codes("<p>a</p>", css)


def test_fields_are_checked_and_a_problem_names_its_line():
    fields = [
        {"name": "Title", "type": "text"},
        {"name": "loop", "type": "text"},
        {"name": "price", "type": "price"},
        {"name": "price_note", "type": "text"},
        {"name": "when", "type": "datetime"},
    ]

    assert problems("<p>\n\n<b onload='x'>", "\np { behavior: x }", fields) == [
        TemplateProblem("field_name", {"name": "Title"}, where="fields"),
        TemplateProblem("field_name", {"name": "loop"}, where="fields"),
        TemplateProblem("field_twice", {"name": "price_note"}, where="fields"),
        TemplateProblem("field_type", {"name": "when", "type": "datetime"}, where="fields"),
        TemplateProblem("event_attribute", {"name": "onload"}, 3),
        TemplateProblem("property", {"name": "behavior"}, 2, "css"),
    ]
