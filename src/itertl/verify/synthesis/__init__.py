"""What Yosys makes of a design: whether it is hardware at all, and how many cells, transistors and levels it takes."""
