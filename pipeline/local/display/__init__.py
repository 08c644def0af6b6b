"""What a person sees of a run, and what to do with its model next."""
