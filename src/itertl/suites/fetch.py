"""Published suites from their publishers: at a pinned commit, checked by a checksum, all or nothing.

    fetch(find_suite("rtllm-v2"), Path("suites"))       # suites/rtllm-v2/..., then: itertl eval rtllm-v2 --data suites

An archive of the repository is downloaded (tens of megabytes at most), and only the files that the suite reads are
kept, as they are. The checksum is SHA-256 over names and contents; where it differs nothing is left behind. A source
without a checksum is pinned by the id of its commit alone, which git checks against all that it fetches.
"""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from itertl.disk.artefacts import disk_faults
from itertl.errors import MissingToolError, ToolError, UsageError
from itertl.suites.suite import Source, Suite

ARCHIVES = "https://codeload.github.com"
REPOSITORIES = "https://github.com"
TIMEOUT = 60.0  # seconds without a byte
MAX_BYTES = 256 << 20  # of an archive, and of all that is unpacked of it
MAX_FILES = 20_000  # of all that is unpacked


def fetch(suite: Suite, data: Path, archives: str = ARCHIVES, repositories: str = REPOSITORIES) -> Path:
    """Download the folder that `suite` is read from into `data` and return it; nothing happens where it is there.

    Raise UsageError for a suite that cannot be fetched or a folder that holds something else, ToolError where the
    download fails or is not what was pinned.
    """
    source = suite.source
    if source is None:
        raise UsageError(f"{suite.name} is not fetched from anywhere: its data is made, or put in place by hand")
    target = data / source.folder
    if target.exists():
        if source.checksum and (found := checksum(target, source)) != source.checksum:
            raise UsageError(f"{target} holds other files than {source.repository} at {source.commit} ({found[:12]})")
        return target
    with disk_faults(data):
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{source.folder}-", dir=data) as scratch:
            archive, files = Path(scratch) / "archive.tar.gz", Path(scratch) / "files"
            if source.checksum:
                _download(f"{archives}/{source.repository}/tar.gz/{source.commit}", archive)
            else:
                _clone(f"{repositories}/{source.repository}", source.commit, Path(scratch) / "repository", archive)
            try:
                _extract(archive, files, source)
            except tarfile.TarError as error:
                raise ToolError(f"what {archives} sent is no archive: {error}; nothing was kept") from error
            if source.checksum and (found := checksum(files, source)) != source.checksum:
                raise ToolError(
                    f"{source.repository} at {source.commit} is not what was pinned: checksum {found[:12]}, expected "
                    f"{source.checksum[:12]}; nothing was kept"
                )
            files.rename(target)
    return target


def checksum(folder: Path, source: Source) -> str:
    """Return the checksum of the files below `folder` that `source` is about."""
    sha = hashlib.sha256()
    for path in _wanted(folder, source):
        content = path.read_bytes()
        sha.update(f"{path.relative_to(folder).as_posix()}\n{len(content)}\n".encode())
        sha.update(content)
    return sha.hexdigest()


def _wanted(folder: Path, source: Source) -> Iterator[Path]:
    tops = {ours for _, ours in source.places}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and source.wants(p.relative_to(folder))):
        parts = path.relative_to(folder).parts
        if (parts[0] if len(parts) > 1 else "") in tops:
            yield path


def _download(url: str, archive: Path) -> None:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer, archive.open("wb") as file:
            left = MAX_BYTES
            while block := answer.read(1 << 20):
                left -= len(block)
                if left < 0:
                    raise ToolError(f"{url} is larger than {MAX_BYTES >> 20} MiB; nothing was kept")
                file.write(block)
    except OSError as error:
        raise ToolError(
            f"{url} cannot be downloaded: {error}; try again, or put the files in place by hand (docs/evaluation.md)"
        ) from error


def _clone(url: str, commit: str, folder: Path, archive: Path) -> None:
    """Fetch one commit with git, which refuses what does not hash to its id, and pack its files."""
    git = shutil.which("git")
    if git is None:
        raise MissingToolError(f"{url} is fetched with git, which is not on PATH: sudo apt-get install git")
    for arguments in (
        ["init", "--quiet", "--bare", str(folder)],
        ["-C", str(folder), "fetch", "--quiet", "--depth", "1", url, commit],
        ["-C", str(folder), "archive", "--format", "tar.gz", "--prefix", "x/", "--output", str(archive), commit],
    ):
        ran = subprocess.run([git, *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        if ran.returncode != 0:
            said = (ran.stderr.strip().splitlines() or ["no message"])[-1]
            raise ToolError(
                f"{url} at {commit} cannot be fetched: {said}; try again, or put the files in place by hand "
                "(docs/evaluation.md)"
            )


def _extract(archive: Path, files: Path, source: Source) -> None:
    """Write the wanted regular files of the archive below `files`; links and other things are passed over.

    Raise ToolError where they are more than any suite has: an archive may be far smaller than what it unpacks to.
    """
    files.mkdir()
    left, written = MAX_BYTES, 0
    with tarfile.open(archive) as tar:
        for member in tar:
            place = source.place(PurePosixPath(*PurePosixPath(member.name).parts[1:]))
            content = tar.extractfile(member) if member.isfile() and place is not None else None
            if place is not None and content is not None:
                left, written = left - member.size, written + 1
                if left < 0 or written > MAX_FILES:
                    most = f"{MAX_BYTES >> 20} MiB or {MAX_FILES} files"
                    raise ToolError(f"{archive.name} unpacks to more than {most}; nothing was kept")
                path = files / place
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    shutil.copyfileobj(content, file)
