"""quarantine_folder - what was set aside, on disk: synced, its name too, and nothing is overwritten. (IO)"""

from __future__ import annotations

import os
from pathlib import Path

from harness.gateway.maillog import MailLog


class QuarantineFolder:
    """A flat directory, made when the first object comes."""

    def __init__(self, directory: Path, log: MailLog) -> None:
        self.directory, self._log = directory, log

    def keep(self, name: str, data: bytes) -> bool:
        """Put an object where a power cut cannot take it; False, and a warning in the log, when that fails.

        The same bytes under the same name are there already: a mail is examined anew when the queue would not
        take what was left of it.  Other bytes under that name are a failure, for nothing is overwritten.
        """
        path = self.directory / name.replace("/", "_")
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            if path.exists():
                if path.read_bytes() == data:
                    return True
                raise FileExistsError(17, "something else has this name")
            self._write(path, data)
        except OSError as error:
            self._log.line("ravmd", 0, f"warning: quarantine {name}: {error.strerror}")
            return False
        return True

    def _write(self, path: Path, data: bytes) -> None:
        part = path.with_name(f".{path.name}")
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        directory = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(directory)  # or the name may be lost where the bytes are not
        finally:
            os.close(directory)
