"""The shop's receipt printer, as its settings name it."""

from dataclasses import dataclass

from pos_subsidy.domain.receipt import Receipt, rows
from pos_subsidy.errors import Invalid
from pos_subsidy.paper import esc_pos


@dataclass(frozen=True, slots=True)
class Printer:
    """Where paper comes out: ``tcp:HOST:PORT``, ``file:PATH`` or ``usb:VENDOR:PRODUCT``; 58 or 80 mm."""

    address: str
    paper_mm: int = 80

    def __post_init__(self) -> None:
        if self.paper_mm not in esc_pos.COLUMNS:
            raise Invalid("printer_unknown", printer=f"{self.paper_mm} mm")

    def print(self, receipt: Receipt) -> None:
        """Print a receipt.

        Raises:
            Invalid: ``printer_unknown``.
            Unavailable: ``printer_failed`` or ``printer_not_installed``; nothing else changed.
        """
        found = rows(receipt, columns=esc_pos.COLUMNS[self.paper_mm])
        esc_pos.send(esc_pos.rendered(found, paper_mm=self.paper_mm), self.address)
