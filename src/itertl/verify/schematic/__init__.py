"""The schematic of a design: Yosys reads it into a netlist of operators and registers, netlistsvg lays that out.

In: designs. Out: SVGs, or why there is none. Imports: verify, records, tools and below.
"""
