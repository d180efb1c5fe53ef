"""A whole city from one seed: real shops, the real hub, and a bad road between them."""
