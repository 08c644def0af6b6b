"""What a model answers: one folder for each kind of label."""
