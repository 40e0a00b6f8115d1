"""Verdicts under a testbench in Python, which drives the design with cocotb inside of the simulator.

In: tasks whose bench is cocotb, designs. Out: a verdict each, from cocotb's results file. Imports: verify, disk,
records, tools and below.
"""
