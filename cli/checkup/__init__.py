"""What `tocsin doctor` looks at, each with a mark, and a remedy where something is not as it should be."""

from cli.checkup.mark import Looked, Mark

__all__ = ["Looked", "Mark"]
