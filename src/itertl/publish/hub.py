"""Upload to the Hugging Face hub: what `itertl export` writes, in a repository of its own.

    itertl push runs/quickstart me/verilog-tiny --dry-run        writes the folder, lists it, uploads nothing

The token is the one that `huggingface_hub` finds: `hf auth login`, or the variable HF_TOKEN. It is not kept here.
"""

import tempfile
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from itertl.errors import MissingToolError, ServerError, UsageError
from itertl.publish.chosen import choose
from itertl.publish.export import ADAPTERS, SAMPLES, Wanted, export, kind_of


def push(root: Path, name: str, wanted: Wanted, *, private: bool = False) -> str:
    """Upload an export of the run in `root` as the repository `name`, OWNER/NAME or NAME, and return its address.

    Raise UsageError before any work for a bad name, without a token and for adapters whose base nobody else has,
    MissingToolError without huggingface_hub, ServerError where the hub refuses or cannot be reached.
    """
    wanted = refuse(root, name, wanted)
    import huggingface_hub

    if huggingface_hub.get_token() is None:
        raise UsageError(
            "there is no token of the hub: log in with `hf auth login`, or set HF_TOKEN to a token that may write; "
            "--dry-run needs none"
        )
    kind = "dataset" if wanted.what == SAMPLES else "model"
    with tempfile.TemporaryDirectory(prefix="itertl-push-") as scratch:
        folder = Path(scratch) / "upload"
        about = export(root, folder, wanted)
        return _upload(huggingface_hub.HfApi(library_name="itertl"), name, folder, kind, private, about)


def refuse(root: Path, name: str, wanted: Wanted) -> Wanted:
    """Return what is wanted with its kind found out; raise what `push` raises, except for the token."""
    if find_spec("huggingface_hub") is None:
        raise MissingToolError("the hub needs huggingface_hub: pip install 'itertl[publish]'")
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils._validators import validate_repo_id  # what every call of the API checks

    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise UsageError(f"{name!r} cannot name a repository of the hub, expected OWNER/NAME: {error}") from error
    if wanted.what == SAMPLES:
        return wanted
    chosen = choose(root, wanted.iteration)
    what = kind_of(chosen, wanted.what)
    if what == ADAPTERS and not chosen.hub:
        raise UsageError(
            f"the adapters of {root} belong to a base that is not on the hub ({chosen.base}), so that nobody could "
            "load them: use --what merged"
        )
    return replace(wanted, what=what)


def _upload(api: Any, name: str, folder: Path, kind: str, private: bool, about: dict[str, Any]) -> str:
    from huggingface_hub.errors import HfHubHTTPError

    said = ", ".join(f"{key} {value}" for key, value in about.items())
    try:
        place = api.create_repo(name, repo_type=kind, private=private, exist_ok=True)
        api.upload_folder(repo_id=place.repo_id, repo_type=kind, folder_path=folder, commit_message=f"itertl: {said}")
    except (HfHubHTTPError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ServerError(
            f"the hub took no upload of {name}: {reason}. Is the token one that may write there, and the hub within "
            "reach? Nothing of the run is lost: the same command tries again"
        ) from error
    return str(place)
