"""Values at another width or sign, self-contained: no context changes what they are.

cast("a", True, (4, True), (8, False))  ->  "$unsigned((8'sd0 | $signed(a)))"
"""

Form = tuple[int, bool]  # width in bits, signed


def cast(text: str, plain: bool, source: Form, target: Form) -> str:
    """Return `text`, of the form `source`, as a value of the form `target`; `plain`: it is a vector's name."""
    (size, is_signed), (wanted, to_signed) = source, target
    if wanted == size:
        return signed(text, is_signed, to_signed)
    if wanted < size:
        cut = f"{text}[{wanted - 1}:0]" if plain and wanted > 1 else f"{text}[0]" if plain else f"{wanted}'({text})"
        return f"$signed({cut})" if to_signed else cut if plain else f"$unsigned({cut})"
    if is_signed:
        return signed(f"({wanted}'sd0 | $signed({text}))", True, to_signed)
    return signed(f"{{{wanted - size}'d0, {text}}}", False, to_signed)


def signed(text: str, is_signed: bool, to_signed: bool) -> str:
    """Return `text` with another sign where it has to have one."""
    if is_signed == to_signed:
        return text
    return f"$signed({text})" if to_signed else f"$unsigned({text})"
