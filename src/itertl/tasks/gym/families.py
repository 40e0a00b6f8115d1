"""All families of the gym, in one place."""

from itertl.tasks.gym import arithmetic, bitwise, counters, logic, numeric, registers
from itertl.tasks.gym.design import Family

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        logic.GATE,
        logic.EXPRESSION,
        logic.MUX,
        logic.DEMUX,
        logic.DECODER,
        logic.ENCODER,
        logic.PRIORITY_ENCODER,
        arithmetic.ADDER,
        arithmetic.SUBTRACTOR,
        arithmetic.ADD_SUB,
        arithmetic.COMPARATOR,
        arithmetic.ALU,
        numeric.ABSOLUTE,
        numeric.EXTREMUM,
        numeric.SATURATING,
        numeric.BCD_ADDER,
        numeric.EXTEND,
        numeric.POPCOUNT,
        numeric.LEADING_ZEROS,
        bitwise.PARITY,
        bitwise.GRAY,
        bitwise.REVERSE,
        bitwise.MAJORITY,
        bitwise.BARREL,
        bitwise.FIXED_SHIFT,
        bitwise.SEVEN_SEGMENT,
        registers.REGISTER,
        registers.TOGGLE,
        registers.SHIFT_REGISTER,
        registers.PISO,
        registers.EDGE_DETECTOR,
        counters.COUNTER,
        counters.UPDOWN,
        counters.MODULO,
        counters.LOADABLE,
        counters.SATURATING,
        counters.BCD_COUNTER,
        counters.LFSR,
        counters.RING,
    )
}
