"""Forms on other people's websites, over a real server."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.cache import caches
from django.utils import timezone

from crm.models import Lead, LeadForm
from crm.services import forms
from crm.tests.capture.rows import tracked_link
from crm.tests.support import make_product
from socialhub.models import LinkDestination, RateBudget
from socialhub.tests.factories import CampaignFactory, PostFactory, PublicationFactory

pytestmark = pytest.mark.django_db(transaction=True)
SHOP = "https://shop.example"
CONSENT = "I agree that you keep this\nand write back. <b>Really.</b>"
GOOD = {"name": "Ana", "email": "ana@shop.example", "message": "How much?"}


@pytest.fixture(autouse=True)
def _nothing_remembered():
    caches["local"].clear()


@pytest.fixture
def form(db) -> LeadForm:
    return LeadForm.objects.create(
        name="Contact", heading="Write to us", sites=[SHOP], asks_phone=True, asks_company=True
    )


class Site:
    """What browsers and programs do with the form, over HTTP."""

    def __init__(self, base: str, form: LeadForm) -> None:
        self.base, self.url = base, f"{base}/lead-forms/{form.key}/"

    def get(self, query: str = "", **headers: str):
        return requests.get(f"{self.url}{query}", headers=headers, timeout=20)

    def send(self, body: dict, query: str = "", **headers: str):
        """As a page with a form of its own sends it: JSON."""
        return requests.post(f"{self.url}{query}", json=body, headers=headers, timeout=20)

    def submit(self, body: dict, query: str = "", **headers: str):
        """As a browser without JavaScript sends it."""
        return requests.post(
            f"{self.url}{query}", data=body, headers=headers, timeout=20, allow_redirects=False
        )

    def ask(self, **headers: str):
        return requests.options(self.url, headers=headers, timeout=20)


@pytest.fixture
def site(live_server, form) -> Site:
    return Site(live_server.url, form)


# -- answers ---------------------------------------------------------------------------------


def test_an_answer_becomes_a_lead(site, form):
    campaign, product = CampaignFactory(), make_product(name="Chair")
    LeadForm.objects.update(campaign=campaign, product=product, language="es")

    answer = site.send({**GOOD, "phone": "+34 600 112 233", "company": "Shop"})

    assert (answer.status_code, answer.json()["ok"]) == (201, True)
    lead = Lead.objects.get()
    assert (lead.name, lead.contact_name, lead.email) == ("Ana: Chair", "Ana", "ana@shop.example")
    assert (lead.phone, lead.company, lead.message) == ("+34 600 112 233", "Shop", "How much?")
    assert (lead.source, lead.language) == ("form", "es")
    assert (lead.campaign, lead.product) == (campaign, product)
    assert lead.last_touch.kind == "form"
    assert (lead.consent_text, lead.consent_at) == ("", None)


def test_it_works_without_javascript(site, form):
    LeadForm.objects.update(thanks="Until soon!")
    page = site.get()
    assert "<h1>Write to us</h1>" in page.text
    assert "Set-Cookie" not in page.headers

    sent = site.submit(GOOD)
    thanked = requests.get(f"{site.base}{sent.headers['Location']}", timeout=20)

    assert sent.status_code == 303
    assert "Until soon!" in thanked.text
    assert "<form" not in thanked.text
    assert Lead.objects.get().email == "ana@shop.example"


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"phone": "12"}, "phone"),
        ({"message": "x" * 10_001}, "message"),
        ({"company": "x" * 301}, "company"),
    ],
)
def test_a_wrong_answer_names_its_field_in_the_visitors_language(site, form, over, field):
    english = site.send({**GOOD, **over})
    LeadForm.objects.update(language="es")
    page = site.submit({**GOOD, **over})

    assert english.status_code == page.status_code == 400
    assert list(english.json()["fields"]) == [field]
    assert '<html lang="es">' in page.text
    assert f'id="{field}-wrong"' in page.text
    # What they wrote is still there.
    if field != "email":
        assert "ana@shop.example" in page.text
    assert Lead.objects.count() == 0


def test_what_a_visitor_writes_is_shown_as_text(site):
    page = site.submit({**GOOD, "email": "x", "name": '"><script>alert(1)</script>'})

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text


def test_a_robot_is_thanked_and_forgotten(site):
    person, robot = site.send(GOOD), site.send({**GOOD, "website": "http://spam.example"})
    page, trapped = site.submit(GOOD), site.submit({**GOOD, "website": "x"})

    assert (robot.status_code, robot.json()) == (person.status_code, person.json())
    assert (trapped.status_code, trapped.headers["Location"]) == (303, page.headers["Location"])
    assert Lead.objects.get().touches.count() == 2


def test_nobody_learns_who_is_known_already(site):
    first, second = site.send(GOOD), site.send(GOOD)

    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert Lead.objects.count() == 1


# -- consent ----------------------------------------------------------------------------------


def test_consent_is_asked_for_and_kept_word_by_word(site):
    LeadForm.objects.update(consent_text=CONSENT)

    without, unticked = site.send(GOOD), site.send({**GOOD, "consent": False})
    given = site.send({**GOOD, "consent": True})

    assert [answer.status_code for answer in (without, unticked, given)] == [400, 400, 201]
    assert list(without.json()["fields"]) == ["consent"]
    lead = Lead.objects.get()
    assert lead.consent_text == CONSENT
    assert timezone.now() - lead.consent_at < timedelta(minutes=1)


def test_words_that_changed_meanwhile_have_to_be_read_again(site, form):
    LeadForm.objects.update(consent_text=CONSENT)
    page = site.get().text
    form.refresh_from_db()
    seen = forms.consent_version(form)
    assert seen in page and "&lt;b&gt;Really.&lt;/b&gt;" in page
    LeadForm.objects.update(consent_text="Something else")

    stale = site.submit({**GOOD, "consent": "on", "consent_version": seen})

    assert stale.status_code == 400
    assert Lead.objects.count() == 0


# -- sites ------------------------------------------------------------------------------------


def test_only_listed_sites_may_read_answers(site):
    listed, other = site.send(GOOD, Origin=SHOP), site.send(GOOD, Origin="https://evil.example")
    allowed = listed.headers.get("Access-Control-Allow-Origin")

    assert (listed.status_code, allowed) == (201, SHOP)
    assert "Origin" in listed.headers["Vary"]
    assert other.status_code == 403
    assert "Access-Control-Allow-Origin" not in other.headers
    assert "Access-Control-Allow-Credentials" not in listed.headers
    assert Lead.objects.count() == 1


@pytest.mark.parametrize(
    "origin", ["null", "https://shop.example.evil.example", "http://shop.example", "*"]
)
def test_what_only_looks_like_a_listed_site(site, origin):
    answer = site.send(GOOD, Origin=origin)

    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert Lead.objects.count() == 0


def test_a_preflight(site):
    ask = {"Access-Control-Request-Method": "POST"}

    listed = site.ask(Origin=SHOP, **ask)
    other = site.ask(Origin="https://evil.example", **ask)

    assert (listed.status_code, listed.headers["Access-Control-Allow-Origin"]) == (204, SHOP)
    assert listed.headers["Access-Control-Allow-Methods"] == "POST"
    assert "Content-Type" in listed.headers["Access-Control-Allow-Headers"]
    assert not [name for name in other.headers if name.startswith("Access-Control")]


def test_the_forms_own_page_may_send(site, live_server):
    assert site.submit(GOOD, Origin=live_server.url).status_code == 303


def test_only_listed_sites_may_show_it_in_a_frame(site):
    page = site.get()
    policy = dict(
        part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";")
    )

    assert policy["frame-ancestors"] == f"'self' {SHOP}"
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "X-Frame-Options" not in page.headers


def test_the_script_names_its_form_and_nothing_else(site, form):
    answer = requests.get(site.url.rstrip("/") + ".js", timeout=20)

    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Write to us" in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("end", ["/", ".js"])
def test_a_form_that_is_off_or_unknown_is_404(site, form, end):
    url = site.url.rstrip("/") + end
    LeadForm.objects.update(is_active=False)

    assert requests.get(url, timeout=20).status_code == 404
    assert requests.get(f"{site.base}/lead-forms/unknown{end}", timeout=20).status_code == 404
    assert site.send(GOOD).status_code == 404


# -- limits ------------------------------------------------------------------------------------


def test_an_address_may_send_so_often(site):
    answers = [site.send({}) for _n in range(forms.PER_ADDRESS)]
    refused, page = site.send(GOOD), site.submit(GOOD)

    assert {answer.status_code for answer in answers} == {400}
    assert (refused.status_code, page.status_code) == (429, 429)
    assert 0 < int(refused.headers["Retry-After"]) <= forms.WINDOW_SECONDS
    assert "Too many" in page.text
    assert Lead.objects.count() == 0


def test_an_address_is_stored_only_as_something_else(site):
    site.send(GOOD)

    keys = list(RateBudget.objects.values_list("key", flat=True))

    assert len(keys) == 2
    assert not [key for key in keys if "127.0.0.1" in key]


def test_counters_of_addresses_are_different_ones_tomorrow_and_go_away(form):
    now = timezone.now()
    assert forms.hashed("192.0.2.1", now) == forms.hashed("192.0.2.1", now)
    assert forms.hashed("192.0.2.1", now) != forms.hashed("192.0.2.1", now + timedelta(days=1))
    # One household, two devices.
    assert forms.hashed("2001:db8::1", now) == forms.hashed("2001:db8::2", now)
    forms.wait_until(form, "192.0.2.1", now)

    assert forms.forget_budgets(now) == 0
    assert forms.forget_budgets(now + timedelta(days=2)) == 2


def test_a_form_has_a_limit_of_its_own(form):
    now = timezone.now()

    answers = [forms.wait_until(form, f"192.0.2.{n}", now) for n in range(forms.PER_FORM + 1)]

    assert answers[:-1] == [None] * forms.PER_FORM
    assert answers[-1] is not None


@pytest.mark.parametrize(
    ("body", "type_", "status"),
    [
        (b"{" + b" " * 70_000 + b"}", "application/json", 413),
        (b"name=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"<a/>", "text/xml", 415),
        (b"not json", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b'{"name": ["Ana"], "email": "a@b.example"}', "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"broken", "multipart/form-data; boundary=x", 400),
        (b"broken", "multipart/form-data", 400),
        (b'{"name": "\\ud800a\\u0000b", "email": "a@b.example"}', "application/json", 201),
    ],
)
def test_bodies_of_every_kind(site, body, type_, status):
    answer = requests.post(site.url, data=body, headers={"Content-Type": type_}, timeout=20)

    assert answer.status_code == status
    if status == 201:
        assert Lead.objects.get().contact_name == "ab"


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_405(site, method):
    assert requests.request(method, site.url, timeout=20).status_code == 405


# -- where they came from ------------------------------------------------------------------------


@pytest.fixture
def link(db):
    post = PostFactory(approved=True, campaign=CampaignFactory())
    publication = PublicationFactory(post=post, published=True)
    return tracked_link(slug="chairs", post=post, publication=publication, keys=("a", "b"))


def test_a_link_in_the_address_is_remembered(site, link):
    page = site.get("?l=chairs&d=b")
    assert 'action="?l=chairs&amp;d=b"' in page.text

    site.submit(GOOD, "?l=chairs&d=b")

    lead = Lead.objects.get()
    assert (lead.source, lead.publication, lead.variant_key) == ("link", link.publication, "b")
    assert (lead.campaign, lead.last_touch.link) == (link.post.campaign, link)


@pytest.mark.parametrize("query", ["?l=nowhere", "?l=%00", "?l=" + "x" * 500])
def test_a_link_that_does_not_exist_is_no_trouble(site, query):
    assert site.submit(GOOD, query).status_code == 303
    assert Lead.objects.get().source == "form"


def test_a_destination_that_does_not_exist_is_no_variant(site, link):
    site.send({**GOOD, "l": "chairs", "d": "zzz"})

    assert Lead.objects.get().variant_key == ""


def test_a_short_link_to_the_form_says_so(site, link, settings, form):
    settings.PUBLIC_URL = site.base
    LinkDestination.objects.update(url=site.url)

    followed = requests.get(
        f"{site.base}/l/chairs",
        headers={"User-Agent": "Mozilla/5.0"},
        allow_redirects=False,
        timeout=20,
    )

    where = urlsplit(followed.headers["Location"])
    query = parse_qs(where.query)
    assert where.path == f"/lead-forms/{form.key}/"
    assert query["l"] == ["chairs"]
    assert query["d"] == [link.visits.get().destination_key]


@pytest.mark.parametrize(
    ("url", "marked"),
    [
        ("https://shop.example/chairs?x=1", True),
        ("https://other.example/chairs", False),
    ],
)
def test_a_short_link_to_a_site_with_the_form_says_so(site, link, url, marked):
    LinkDestination.objects.update(url=url)

    followed = requests.get(f"{site.base}/l/chairs", allow_redirects=False, timeout=20)

    query = parse_qs(urlsplit(followed.headers["Location"]).query)
    assert (query.get("sh_l") == ["chairs"]) is marked
    assert ("sh_d" in query) is marked
