"""How large a picture may be: a file of some kilobytes can claim to be far larger."""

LARGEST_PICTURE = 64_000_000
"""Pixels, of training images as of those that are served."""

TOO_LARGE = f"has more than {LARGEST_PICTURE:,} pixels; scale it down"
"""End of the sentence about one that is larger."""
