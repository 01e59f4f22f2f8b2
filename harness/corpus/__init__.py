"""corpus - messages as exact bytes: found on disk, built from parts, or drawn by a seeded generator."""
