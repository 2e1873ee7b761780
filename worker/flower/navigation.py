"""The way from Flower's own pages to ours."""

from typing import Any

from flower.views import BaseHandler

LIST = b'<ul class="app-nav navbar-nav">'
LINK = b'<li class="nav-item"><a class="nav-link" href="%s">Run a task</a></li>'


def add_link() -> None:
    """Put a link to our page into the navigation of every page of Flower's.

    Flower has no place for it. Where its navigation is another, its pages stay as they are.
    """
    original = BaseHandler.render_string

    def render_string(handler: Any, name: str, **values: Any) -> bytes:
        page: bytes = original(handler, name, **values)
        prefix = (handler.application.options.url_prefix or "").strip("/")
        path = f"/{prefix}/run" if prefix else "/run"
        link = LINK % path.encode()
        return page if link in page else page.replace(LIST, LIST + link, 1)

    BaseHandler.render_string = render_string
