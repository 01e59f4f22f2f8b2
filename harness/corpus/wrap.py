"""wrap - put a file into containers, one in the other."""

from __future__ import annotations

from harness.corpus.container import Named, containers
from harness.errors import ScenarioError, UnknownMember


def wrap(file: Named, words: list[str]) -> Named:
    """The file inside the containers, innermost first: `[zip, gzip]` gives name.zip.gz.  Raises ScenarioError."""
    for word in words:
        try:
            container = containers[word]
        except UnknownMember as error:
            raise ScenarioError(str(error)) from None
        file = container(file)
    return file
