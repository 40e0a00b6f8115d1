"""`python -m itertl`, the same as the command `itertl`."""

from itertl.cli.app import main

main()
