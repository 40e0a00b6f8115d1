"""One file a command: arguments in, work done by the rooms below, tables on the terminal.

In: paths, names and settings, checked here. Out: what is printed, files, an exit status. Imports: check, plan,
publish, serving and below.
"""
