"""`python -m itertl`, the same as the command `itertl`."""

from itertl.cli import main

main()
