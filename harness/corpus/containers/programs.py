"""programs - a file behind or inside something else: a self-extractor, a picture that is an archive too, a shortcut."""

from __future__ import annotations

from harness.corpus.container import Named, containers, stem
from harness.corpus.program import program, shortcut


@containers.register("overlay")
def overlay(file: Named) -> Named:
    """A program with the file appended, as installers are made."""
    return f"{stem(file[0])}.exe", program() + file[1]


@containers.register("self_extractor")
def self_extractor(file: Named) -> Named:
    """A program with a 7z archive behind a few lines of configuration."""
    return f"{stem(file[0])}.exe", program() + b";!@Install@!UTF-8!\n;!@InstallEnd@!" + containers["7z"](file)[1]


@containers.register("gif_and_zip")
def gif_and_zip(file: Named) -> Named:
    """Read from its beginning it is a picture, from its end an archive."""
    gif = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
    return f"{stem(file[0])}.gif", gif + containers["zip"](file)[1]


@containers.register("pdf_at_1000")
def pdf_at_1000(file: Named) -> Named:
    """A PDF whose header stands 1000 bytes into the file, where Adobe's reader still finds it."""
    return f"{stem(file[0])}.pdf", b"\n" * 1000 + containers["pdf_attachment"](file)[1]


@containers.register("lnk_overlay")
def lnk_overlay(file: Named) -> Named:
    """A shortcut that carries the file behind its end."""
    return f"{stem(file[0])}.lnk", shortcut("/c more") + file[1]
