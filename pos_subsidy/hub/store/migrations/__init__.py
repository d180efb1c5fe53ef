"""The road of the hub's schema; see ``migrating``."""
