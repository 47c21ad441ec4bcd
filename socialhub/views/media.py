"""Uploaded files, for people who may see them and for networks with a signed address."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
)
from django.views.decorators.http import require_safe

from socialhub.models import MediaAsset
from socialhub.platforms.errors import InvalidContent
from socialhub.services import media


@require_safe
def media_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file; `?w=` gives a smaller copy. 404 for what the user may not see."""
    signed = media.signature_holds(
        pk, request.GET.get("expires", ""), request.GET.get("signature", "")
    )
    if signed and pk == media.PROBE:
        return _guarded(HttpResponse(media.probe(), content_type="image/jpeg"), '"probe"')
    rows = MediaAsset.objects.all() if signed else MediaAsset.objects.visible_to(request.user)
    asset = rows.filter(pk=pk).first()
    if asset is None:
        raise Http404
    return serve(request, asset)


def serve(request: HttpRequest, asset: MediaAsset) -> HttpResponseBase:
    """The file to whoever may see it: the caller has made sure."""
    wanted = request.GET.get("w", "")
    width = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 0
    is_fetched = request.GET.get("form") == "jpeg"
    # The bytes of a row never change.
    etag = f'"{asset.sha256}-{"jpeg" if is_fetched else width}"'
    if request.headers.get("If-None-Match") == etag:
        return _guarded(HttpResponseNotModified(), etag)
    try:
        if is_fetched:
            name, mime = media.as_jpeg(asset)
        else:
            name, mime = media.thumbnail(asset, width) if width else (asset.file.name, asset.mime)
        opened = default_storage.open(name or "")
    except (FileNotFoundError, InvalidContent):
        raise Http404 from None
    return _guarded(FileResponse(opened, content_type=mime), etag)


def _guarded(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    # Not "public": a shared cache must not show it to the next visitor.
    response["Cache-Control"] = "private, max-age=86400"
    # Whatever a file turns out to hold, a browser must not run it.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    return response
