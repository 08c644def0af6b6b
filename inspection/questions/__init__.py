"""One pure function for each question: from a history and its files to an answer."""
