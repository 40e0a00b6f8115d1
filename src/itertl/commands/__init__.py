"""What the commands do: one module each, functions of plain values that print to the console they are given.

    from itertl.commands.verify import verify_design ; verify_design(Path("design.v"), Path("ref.v"), False, Console())

A module imports what its command needs and nothing else, so that no command waits for the libraries of another one.
"""
