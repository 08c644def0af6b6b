"""The commands of `python -m serving`: each module has HELP, add_arguments and run."""
