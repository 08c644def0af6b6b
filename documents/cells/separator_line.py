"""The line that tells Excel what stands between the cells of a CSV file, above its header."""

import re

SEPARATOR_LINE = re.compile('"?sep=.?"?', re.IGNORECASE)
"""It is no row, and no header; what stands between cells is told, or found, otherwise."""
