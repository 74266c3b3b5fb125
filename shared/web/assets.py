"""The files that pages need, from memory, under addresses that change with their content."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Response, request, url_for
from rcssmin import cssmin
from werkzeug.exceptions import NotFound

from shared.web.icons import sheet
from shared.web.shipped import shipped

HERE = Path(__file__).parent / "static"
ICONS = "icons.svg"
DIGEST_LENGTH = 12
FOR_EVER = "public, max-age=31536000, immutable"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, kw_only=True)
class Asset:
    digest: str
    content: bytes
    packed: bytes
    mimetype: str


@cache
def assets() -> Mapping[str, Asset]:
    """By name; read once for all services of a process."""
    found = {
        "bootstrap.css": shipped("flask_bootstrap", "bootstrap5/css/bootstrap.min.css"),
        "htmx.js": shipped("django_htmx", "django_htmx/htmx-2.min.js"),
        ICONS: sheet(),
    }
    found.update({file.name: _lean(file) for file in sorted(HERE.iterdir())})
    return {name: _asset(name, content) for name, content in found.items()}


def asset_url(name: str) -> str:
    return url_for("asset", digest=assets()[name].digest, name=name)


def serve_asset(digest: str, name: str) -> Response:
    """``/static/DIGEST/NAME``; an old digest gets today's file, not to be kept."""
    asset = assets().get(name)
    if asset is None:
        raise NotFound
    packed = request.accept_encodings.quality("gzip") > 0
    response = Response(asset.packed if packed else asset.content, mimetype=asset.mimetype)
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOR_EVER if digest == asset.digest else "no-cache"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _lean(file: Path) -> bytes:
    """Styles without their comments and spaces."""
    if file.suffix != ".css":
        return file.read_bytes()
    return str(cssmin(file.read_text())).encode()


def _asset(name: str, content: bytes) -> Asset:
    return Asset(
        digest=hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH],
        content=content,
        packed=gzip.compress(content, mtime=0),
        mimetype=TYPES[Path(name).suffix],
    )
