"""Receipt printers: what the shop's paper shows, as the bytes they take."""
