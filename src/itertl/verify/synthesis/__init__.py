"""What Yosys makes of a design: whether it is hardware at all, and how many cells, transistors and levels it takes.

In: designs. Out: netlists' numbers, or why there is no netlist. Imports: verify, disk, records, tools and below.
"""
