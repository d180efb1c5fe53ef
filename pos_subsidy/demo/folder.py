"""A day folder: what is for sale, what happens, the shop's own files of that day."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGED = Path(__file__).parent / "day"
_FILES = ("pos_export.csv", "wechat_bill.csv", "alipay_detail.zip")


@dataclass(frozen=True, slots=True)
class DayFolder:
    """``sales`` still hold ``expect``; the player takes it out before it plays."""

    path: Path
    day: str
    sales: tuple[dict[str, Any], ...]
    categories: dict[str, str]

    @property
    def catalogue(self) -> Path:
        return self.path / "catalogue.csv"

    @property
    def shops(self) -> list[str]:
        return sorted({sale["shop"] for sale in self.sales} | {"A"})

    def statements(self) -> dict[str, tuple[str, bytes]]:
        """Return the files of shop A, as they are uploaded."""
        found = [self.path / name for name in _FILES]
        return {path.stem: (path.name, path.read_bytes()) for path in found if path.exists()}

    def expected(self) -> dict[str, Any]:
        path = self.path / "expected.json"
        return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def open_folder(path: Path | None) -> DayFolder:
    """Return the folder given, or the day that ships with the software."""
    path = path or PACKAGED
    lines = (path / "sales.jsonl").read_text("utf-8").splitlines()
    sales = tuple(json.loads(line) for line in lines if line.strip())
    with (path / "catalogue.csv").open(encoding="utf-8-sig", newline="") as file:
        categories = {row["gtin"]: row["category"] for row in csv.DictReader(file)}
    return DayFolder(path, _day(path), sales, categories)


def _day(path: Path) -> str:
    expected = path / "expected.json"
    if expected.exists():
        return str(json.loads(expected.read_text("utf-8"))["day"])
    with (path / "pos_export.csv").open(encoding="gb18030", newline="") as file:
        return str(next(csv.DictReader(file))["下单时间"])[:10]
