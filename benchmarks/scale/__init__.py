"""What data of ten times the size cost."""
