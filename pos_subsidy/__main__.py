"""``python -m pos_subsidy`` is the command ``pos-subsidy``."""

from pos_subsidy.cli import main

main()
