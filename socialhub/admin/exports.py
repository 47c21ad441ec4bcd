"""What the lists export. Every field is named here, so a new column is never exported by chance."""

from __future__ import annotations

from import_export.fields import Field
from import_export.resources import ModelResource

from socialhub.models import Interaction, Post, Publication


class PostExport(ModelResource):
    campaign = Field("campaign__name", "campaign")
    author = Field("author__username", "author")
    approved_by = Field("approved_by__username", "approved_by")
    accounts = Field(column_name="accounts")

    class Meta:
        model = Post
        fields = (
            "id",
            "status",
            "text",
            "link",
            "language",
            "content_type",
            "campaign",
            "accounts",
            "planned_at",
            "author",
            "approved_by",
            "created_at",
        )

    def dehydrate_accounts(self, post: Post) -> str:
        return ", ".join(str(p.account) for p in post.publications.all())


class PublicationExport(ModelResource):
    account = Field("account__handle", "account")
    platform = Field("account__platform", "platform")
    text = Field("full_text", "text")
    campaign = Field("post__campaign__name", "campaign")

    class Meta:
        model = Publication
        fields = (
            "id",
            "post",
            "platform",
            "account",
            "status",
            "text",
            "campaign",
            "due_at",
            "published_at",
            "permalink",
            "error_code",
        )


class InteractionExport(ModelResource):
    account = Field("account__handle", "account")
    platform = Field("account__platform", "platform")
    assignee = Field("assignee__username", "assignee")

    class Meta:
        model = Interaction
        fields = (
            "id",
            "platform",
            "account",
            "publication",
            "kind",
            "author_handle",
            "text",
            "permalink",
            "created_at",
            "answered_at",
            "archived_at",
            "assignee",
        )
