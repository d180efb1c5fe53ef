"""A shop for pages, and its cashier in front of one."""

from pathlib import Path

import pytest
from flask import Flask

from tests.web.pages_shop import Browser, make_shop


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_shop(tmp_path / "shop")


@pytest.fixture
def browser(app: Flask) -> Browser:
    """The cashier, signed in."""
    return Browser(app).sign_in()
