"""cleanup - make the message well-formed, then look at its lines (cleanup(8), header_checks(5))."""

from harness.gateway.cleanup.process import Cleaned, Cleanup

__all__ = ["Cleaned", "Cleanup"]
