"""What every answer carries to keep browsers and caches from doing harm."""

from werkzeug import Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)


AGAIN = frozenset({429, 503})
RETRY_AFTER_SECONDS = 2
"""Where nobody knows better when to try again."""


def protect(response: Response) -> Response:
    """Nothing is cached unless the view said so."""
    response.headers.extend(HEADERS)
    if response.status_code in AGAIN:
        response.headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    response.headers.setdefault("Cache-Control", "no-store")
    return response
