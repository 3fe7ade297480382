"""The system's own Chromium, for every page that is served."""

from __future__ import annotations

import shutil

import pytest

from conftest import absent

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        absent("chromium", "no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as p:
        folder = tmp_path_factory.mktemp("chromium")
        context = p.chromium.launch_persistent_context(str(folder), executable_path=found, args=list(FLAGS))
        yield context
        context.close()
