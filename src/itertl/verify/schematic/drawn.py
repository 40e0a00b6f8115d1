"""What a worker answers of a design that it was to draw."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Schematic:
    """The drawing of one design, an SVG that nobody should trust; "" where there is none, with the reason."""

    task_id: str
    code_id: str
    svg: str = ""
    detail: str = ""
