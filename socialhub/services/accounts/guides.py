"""What a person needs and does before a network can be connected. Words only, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from socialhub.platforms.base import PlatformAdapter


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered line; `shows` puts something to copy below it."""

    text: Any
    shows: Literal["", "redirect", "scopes"] = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """`offers` in about five words, `needs` in a short sentence without a full stop."""

    offers: Any
    needs: Any
    portal: str = ""
    steps: tuple[Step, ...] = ()
    # Rights that the consent page asks for; the adapter's own list, see test_guides.
    scopes: tuple[str, ...] = ()
    handle_help: Any = ""
    secret_help: Any = ""


META = "https://developers.facebook.com/apps/"

X = Guide(
    offers=_("Posts, pictures, figures, mentions"),
    needs=_("an X developer app with credit: X charges for posting and reading"),
    portal="https://developer.x.com/",
    steps=(
        Step(_("Open the developer portal, sign in, and buy credit: X charges per use.")),
        Step(_("Make a project with an app, and open its user authentication settings.")),
        Step(_("Choose “Read and write” and “Web App, Automated App or Bot”.")),
        Step(_("Enter this as callback address:"), "redirect"),
        Step(_("These rights are asked for when somebody connects:"), "scopes"),
        Step(_("Copy the OAuth 2.0 client id and client secret into the form below.")),
    ),
    scopes=("tweet.read", "tweet.write", "users.read", "media.write", "offline.access"),
    secret_help=_(
        "A user access token of OAuth 2.0. Without a refresh token it ends after 2 hours."
    ),
)

FACEBOOK = Guide(
    offers=_("Page posts, pictures, comments, figures"),
    needs=_("a Facebook Page and a Meta app"),
    portal=META,
    steps=(
        Step(_("Make an app of the use case “Manage everything on your Page”.")),
        Step(
            _("Open the settings of Facebook Login and enter this as valid redirect address:"),
            "redirect",
        ),
        Step(_("Ask for these permissions in the app:"), "scopes"),
        Step(
            _(
                "Until Meta has reviewed the app, only people with a role in it can connect their "
                "Pages; that is enough for your own."
            )
        ),
        Step(_("Copy app id and app secret from “App settings, Basic” into the form below.")),
    ),
    scopes=(
        "pages_show_list",
        "pages_manage_posts",
        "pages_read_engagement",
        "pages_manage_engagement",
        "pages_read_user_content",
        "read_insights",
    ),
    handle_help=_("Which Page, by name or id, if the token reaches several."),
    secret_help=_("A Page token or a long-lived user token."),
)

INSTAGRAM = Guide(
    offers=_("Pictures, carousels, comments, figures"),
    needs=_("a professional Instagram account, a Meta app and a public https address"),
    portal=META,
    steps=(
        Step(_("Switch the Instagram account to a business or creator account.")),
        Step(_("Make an app with the product Instagram, “API setup with Instagram login”.")),
        Step(_("Open “Business login settings” and enter this as redirect address:"), "redirect"),
        Step(_("Ask for these permissions in the app:"), "scopes"),
        Step(
            _(
                "Until Meta has reviewed the app, add the account as a tester and accept in the "
                "account's settings on Instagram."
            )
        ),
        Step(
            _(
                "Instagram fetches pictures from this installation: PUBLIC_MEDIA_URL must be an "
                "https address that the internet reaches. “Examine” checks it."
            )
        ),
        Step(_("Copy Instagram app id and Instagram app secret into the form below.")),
    ),
    scopes=(
        "instagram_business_basic",
        "instagram_business_content_publish",
        "instagram_business_manage_comments",
        "instagram_business_manage_insights",
    ),
    secret_help=_("A token made in the app's “API setup”; it is renewed before its 60 days end."),
)

META_THREADS = Guide(
    offers=_("Posts, series, pictures, replies, figures"),
    needs=_("a Threads profile and a Meta app; for pictures a public https address"),
    portal=META,
    steps=(
        Step(_("Make an app of the use case “Access the Threads API”.")),
        Step(_("Open its settings and enter this as redirect callback address:"), "redirect"),
        Step(_("Ask for these permissions in the app:"), "scopes"),
        Step(
            _(
                "Until Meta has reviewed the app, add the profile as a Threads tester and accept "
                "in the profile's settings on Threads."
            )
        ),
        Step(
            _(
                "Threads fetches pictures from this installation: PUBLIC_MEDIA_URL must be an "
                "https address that the internet reaches. “Examine” checks it."
            )
        ),
        Step(_("Copy Threads app id and Threads app secret into the form below.")),
    ),
    scopes=(
        "threads_basic",
        "threads_content_publish",
        "threads_manage_replies",
        "threads_read_replies",
        "threads_manage_insights",
    ),
    secret_help=_("A token of the user token generator; it is renewed before its 60 days end."),
)

LINKEDIN = Guide(
    offers=_("Page posts, pictures, comments, figures"),
    needs=_("a LinkedIn page you administer and a LinkedIn app"),
    portal="https://www.linkedin.com/developers/apps",
    steps=(
        Step(_("Make an app for your company's page and have the page verify it.")),
        Step(
            _(
                "Ask for the product “Community Management API”. LinkedIn grants it only to an app "
                "without other products, and takes some days."
            )
        ),
        Step(_("Open “Auth” and enter this as authorized redirect address:"), "redirect"),
        Step(_("These rights are asked for when somebody connects:"), "scopes"),
        Step(_("Copy client id and primary client secret from “Auth” into the form below.")),
        Step(
            _(
                "A login lasts 60 days; for approved partners it is renewed for a year. SocialHub "
                "reminds you a week before somebody must connect again."
            )
        ),
    ),
    scopes=("w_organization_social", "r_organization_social", "rw_organization_admin"),
    handle_help=_("Which page, by name or id, if the token reaches several."),
    secret_help=_("A token of the portal's token generator; it ends after 60 days."),
)

TELEGRAM = Guide(
    offers=_("Channel posts, pictures, series, reactions"),
    needs=_("a channel and a bot that administers it"),
    portal="https://t.me/BotFather",
    steps=(
        Step(_("Write /newbot to @BotFather and copy the token it answers with.")),
        Step(_("Add the bot to your channel as an administrator who may post messages.")),
        Step(_("For comments: add the bot to the channel's discussion group too.")),
        Step(_("Enter the channel and the token below.")),
    ),
    handle_help=_("@name of the channel, or its number that begins with -100."),
)

BLUESKY = Guide(
    offers=_("Posts, series, pictures, replies, figures"),
    needs=_("an app password of the account"),
    portal="https://bsky.app/settings/app-passwords",
    steps=(
        Step(_("Make an app password in the settings of Bluesky.")),
        Step(_("Enter the handle and that password below, never the password of the account.")),
    ),
    handle_help=_("name.bsky.social, or the domain that is your handle."),
)

MASTODON = Guide(
    offers=_("Posts, series, pictures, replies, figures"),
    needs=_("an account on any server that speaks Mastodon's API"),
    steps=(
        Step(_("Enter the server, like mastodon.social, and connect through the browser.")),
        Step(
            _(
                "Or make an application in the server's settings under “Development” with the "
                "rights read and write, and paste its access token."
            )
        ),
    ),
    handle_help=_("Not needed: the token says whose it is."),
)

SANDBOX = Guide(
    offers=_("Everything, and nothing is public"),
    needs=_("nothing: any name and any secret"),
    handle_help=_("Any name."),
    secret_help=_("Any word; the first one counts from then on."),
)

GUIDES = {
    "x": X,
    "facebook": FACEBOOK,
    "instagram": INSTAGRAM,
    "meta_threads": META_THREADS,
    "linkedin": LINKEDIN,
    "telegram": TELEGRAM,
    "bluesky": BLUESKY,
    "mastodon": MASTODON,
    "sandbox": SANDBOX,
}


def guide_for(adapter: PlatformAdapter) -> Guide:
    """The guide of a network; a plain one where nobody has written it yet."""
    plain = Guide(offers=adapter.name, needs=_("an account there"))
    return GUIDES.get(adapter.slug, plain)
