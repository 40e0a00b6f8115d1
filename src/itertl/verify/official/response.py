"""From a model's answer to the file that a suite's own harness compiles, as VerilogEval v2's does it.

    spec_to_rtl(answer, top)              between [BEGIN] and [DONE], else like a completed module
    code_complete(answer, header, top)    the header in front where the answer has no module of its own
    fenced(answer)                        the first fenced block, else everything: RTLLM leaves this to its user

These follow the harness to the letter, where it loses right code too: an answer with [BEGIN] and no [DONE] is an
empty file. Strict verdicts use itertl.verilog.extract instead.
"""

_FENCE = "```"


def spec_to_rtl(answer: str, top: str) -> str:
    """Return the file that VerilogEval v2's spec-to-rtl harness writes for `answer`."""
    lines = answer.splitlines()
    begin = next((i for i, line in enumerate(lines) if line.lstrip().startswith("[BEGIN]")), None)
    if begin is None:
        return "\n" + _code_lines(lines, top) + "\n\n"
    head = lines[begin].lstrip().replace("[BEGIN]", "")
    kept = [] if lines[begin].strip() == "[BEGIN]" else [head]
    for line in lines[begin + 1 :]:
        if line.rstrip().endswith("[DONE]"):
            if line.strip() != "[DONE]":
                kept.append(line.rstrip().replace("[DONE]", ""))
            return "\n" + "\n".join(kept) + "\n\n"
        kept.append(line)
    return "\n\n"


def code_complete(answer: str, header: str, top: str) -> str:
    """Return the file that VerilogEval v2's code-complete harness writes for `answer`."""
    lines = answer.splitlines()
    front = "" if _has_module(lines, top) else f"{header}\n\n"
    return f"\n{front}{_code_lines(lines, top)}\n\n"


def fenced(answer: str) -> str:
    """Return what stands between the first two fences of `answer`, or all of it where there are no two."""
    parts = answer.split(_FENCE)
    return parts[1].partition("\n")[2] if len(parts) >= 3 else answer


def _has_module(lines: list[str], top: str) -> bool:
    """True if a line opens the module `top`, and no line before the first such one begins with `endmodule`."""
    for line in lines:
        if line.startswith("endmodule"):
            return False
        if line.startswith(f"module {top}"):
            return True
    return False


def _code_lines(lines: list[str], top: str) -> str:
    """Return the lines of code: between the first two fences, else from the module's start to its end."""
    fences = sum(line.startswith(_FENCE) for line in lines)
    skip_to_module = _has_module(lines, top)
    kept, seen, opened, ended = [], 0, False, False
    for line in lines:
        opened = opened or line.strip().startswith(f"module {top}")
        wanted = seen == 1 if fences >= 2 else not ended and (opened or not skip_to_module)
        if line.startswith(_FENCE):
            seen += 1
            continue
        ended = ended or line.strip().startswith("endmodule")
        if wanted:
            kept.append(line)
    return "\n".join(kept)
