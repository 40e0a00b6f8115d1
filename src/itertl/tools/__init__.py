"""All that starts programs: one way to run a process, Icarus Verilog, Yosys, and the sandbox around them.

In: argv, sources and limits. Out: what was printed and how it ended; no verdict. Imports: verilog, outcome, errors.
"""
