"""families - one file for each sort of sender; a mix names the families in it."""
