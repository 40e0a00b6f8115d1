"""Text in, facts out, nothing runs: designs read by slang, never by patterns on text.

In: source text. Out: modules, ports, clocks, refusals, edits, mutants. Imports: errors, identity, outcome.
"""
