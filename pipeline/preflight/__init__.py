"""What is looked at before the first node: the machine, ROOT, the data, Hub modules."""
