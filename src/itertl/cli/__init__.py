"""The command line: what a person types becomes calls of `itertl.commands`, nothing is computed here.

In: argv. Out: an exit status, 2 for wrong use. Imports: commands and below.
"""
