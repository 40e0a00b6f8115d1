"""Published suites from their publishers: at a pinned commit, checked by a checksum, all or nothing.

    fetch("rtllm-v2", Path("suites"))        # suites/rtllm-v2/..., then: itertl eval rtllm-v2 --data suites

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
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath

from itertl.disk.artefacts import disk_faults
from itertl.errors import MissingToolError, ToolError, UsageError
from itertl.suites.load import PUBLISHED
from itertl.suites.rtllm import DESIGNS_V1_1

ARCHIVES = "https://codeload.github.com"
REPOSITORIES = "https://github.com"
TIMEOUT = 60.0  # seconds without a byte
MAX_BYTES = 256 << 20  # of an archive, and of one file in it


@dataclass(frozen=True, slots=True)
class Source:
    """Where a folder of suites comes from: `places` maps a folder of the repository to one of ours ("" is the top).

    Wanted are the files whose name begins with `prefix` and ends in one of `suffixes`. `beside` is how the paths of
    further files begin, which are kept where they are and do not enter the checksum.
    """

    repository: str
    commit: str
    places: tuple[tuple[str, str], ...]
    prefix: str
    suffixes: tuple[str, ...]
    checksum: str
    beside: tuple[str, ...] = ()

    def wants(self, name: PurePath) -> bool:
        """True if the file is one that a suite reads, as far as its name says."""
        return name.suffix in self.suffixes and name.name.startswith(self.prefix) and ".." not in name.parts

    def place(self, name: PurePosixPath) -> PurePosixPath | None:
        """Return where a file of the repository goes, None where it is not wanted."""
        if any(name.as_posix().startswith(start) for start in self.beside) and ".." not in name.parts:
            return name
        if not self.wants(name):
            return None
        for folder, ours in self.places:
            if name.is_relative_to(folder):
                rest = name.relative_to(folder)
                return PurePosixPath(ours) / rest if ours or len(rest.parts) == 1 else None
        return None


_V2 = ("dataset_spec-to-rtl", "dataset_code-complete-iccad2023")
_RTLLM = ("Arithmetic", "Control", "Memory", "Miscellaneous")
SOURCES: dict[str, Source] = {
    "verilog-eval-v1": Source(
        "NVlabs/verilog-eval",
        "release/1.0.0",
        (("data", ""), ("descriptions", "")),
        "Verilog",
        (".jsonl",),
        "75df06ec7da0a125a7e469d878bf2c86ea1ff8a5333706578902012f8b8d83b3",
    ),
    "verilog-eval-v2": Source(
        "NVlabs/verilog-eval",
        "c498220d0a52248f8e3fdffe279075215bde2da6",
        tuple((folder, folder) for folder in _V2),
        "Prob",
        (".txt", ".sv"),
        "0ea03d967cd5650acadc829432ccdcd3cd6d01cb38778dc39d5e3f2e49f7d585",
        beside=("scripts/verilog-example-prefix_",),
    ),
    "rtllm-v1.1": Source(
        "hkust-zhiyao/RTLLM",
        "6b3b9bcde4fa91f53b9c53a48783c27afc5e0303",
        tuple((design, design) for design in DESIGNS_V1_1),
        "",
        (".txt", ".v", ".dat"),
        "",
    ),
    "rtllm-v2": Source(
        "hkust-zhiyao/RTLLM",
        "41b26896e33b536940116a975626455eed3de65e",
        tuple((folder, folder) for folder in _RTLLM),
        "",
        (".txt", ".v", ".dat"),
        "0085d8aeb2f84f19d5d2e247c9742a194760b1381754fdce986a90099f55dda5",
    ),
}


def fetch(suite: str, data: Path, archives: str = ARCHIVES, repositories: str = REPOSITORIES) -> Path:
    """Download the folder that `suite` is read from into `data` and return it; nothing happens where it is there.

    Raise UsageError for a suite that cannot be fetched or a folder that holds something else, ToolError where the
    download fails or is not what was pinned.
    """
    if suite not in PUBLISHED:
        raise UsageError(f"there is no published suite {suite!r}; known are {', '.join(PUBLISHED)}")
    name = PUBLISHED[suite][0].split("/")[0]
    source, target = SOURCES[name], data / name
    if target.exists():
        if source.checksum and (found := checksum(target, source)) != source.checksum:
            raise UsageError(f"{target} holds other files than {source.repository} at {source.commit} ({found[:12]})")
        return target
    with disk_faults(data):
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=data) as scratch:
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
    """Write the wanted regular files of the archive below `files`; links and other things are passed over."""
    files.mkdir()
    with tarfile.open(archive) as tar:
        for member in tar:
            place = source.place(PurePosixPath(*PurePosixPath(member.name).parts[1:]))
            content = tar.extractfile(member) if member.isfile() and member.size <= MAX_BYTES else None
            if place is not None and content is not None:
                path = files / place
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    shutil.copyfileobj(content, file)
