"""The published suites, by name; each is defined in its publisher's file."""

from itertl.suites import rtllm, verilog_eval_v1, verilog_eval_v2
from itertl.suites.suite import Suite

PUBLISHED: dict[str, Suite] = {
    "verilogeval-v1-human": verilog_eval_v1.HUMAN,
    "verilogeval-v1-machine": verilog_eval_v1.MACHINE,
    "verilogeval-v2-spec-to-rtl": verilog_eval_v2.SPEC_TO_RTL,
    "verilogeval-v2-code-complete": verilog_eval_v2.CODE_COMPLETE,
    "rtllm-v1.1": rtllm.V1_1,
    "rtllm-v2": rtllm.V2,
}
