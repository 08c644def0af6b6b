"""Checks of the graph of tasks, and of what each task is given and runs."""
