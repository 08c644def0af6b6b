"""What nodes and commands hand one another in files, and how it is read and shown safely."""
