"""Designs that Icarus Verilog refuses although they are legal, written in a form that it reads."""
