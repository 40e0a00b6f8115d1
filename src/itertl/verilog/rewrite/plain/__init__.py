"""A design said again in plain Verilog: vectors, memories and sized constants, which simulators read alike.

In: an elaborated design. Out: its text, module by module. Imports: verilog.

To read it in order: `design` writes all modules, `members` one of them; `storage` says how each variable is kept,
`places` where in it a name, a member or an element lies, `values` writes expressions, `casts` conversions, `calls`
functions and tasks, `statements`, `loops` and `assignments` what runs, `instances` what connects modules. `scope` holds
what they share. What none of them knows raises UnsupportedError, and the design is left as it is written.
"""
