"""Takes a picture of every page, in both languages, on a desktop and on a phone.

    python scripts/screenshots.py [--into docs/screenshots] [--of hub] [--only till,wallet]

A real service on a demo shop with a training clock; the pictures are the same on every run but
for codes drawn at random. Needs the development's dependencies and a Chromium.
"""

import argparse
import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.e2e import hub_tour, tour  # noqa: E402

SIZES = {
    "desktop": {"viewport": {"width": 1366, "height": 768}},
    "phone": {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True},
}
LANGUAGES = ("zh", "en")
COLOURS = 64
# The sheet of rules is many pages long; its beginning shows what it is.
TALLEST_PX = 1600


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--into", type=Path, default=ROOT / "docs" / "screenshots")
    options.add_argument("--only", default="", help="names of pages, with commas")
    options.add_argument("--of", choices=("shop", "hub", "both"), default="both", help="whose pages")
    given = options.parse_args()
    only = set(filter(None, given.only.split(",")))
    given.into.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        tours = [(tour, tour.prepare(Path(folder) / "shop"))] if given.of in ("shop", "both") else []
        if given.of in ("hub", "both"):
            tours.append((hub_tour, hub_tour.prepare(Path(folder) / "city")))
        for _walk, service in tours:
            service.start()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            for size, about in SIZES.items():
                for language in LANGUAGES:
                    context = browser.new_context(locale="zh-CN", reduced_motion="reduce", **about)
                    for walk, service in tours:
                        for name, page in walk.visit(service, context, language):
                            if not only or name in only:
                                picture = page.screenshot(full_page=True)
                                _keep(picture, given.into / f"{name}-{language}-{size}.png")
                    context.close()
        finally:
            browser.close()
            for _walk, service in tours:
                service.stop()
    taken = list(given.into.glob("*.png"))
    print(f"{len(taken)} pictures, {sum(one.stat().st_size for one in taken) / 1e6:.1f} MB")
    return 0


def _keep(taken: bytes, path: Path) -> None:
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, TALLEST_PX)))
    picture.quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
