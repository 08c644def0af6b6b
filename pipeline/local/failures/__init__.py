"""Why a run did not come to its end: from exceptions to sentences."""
