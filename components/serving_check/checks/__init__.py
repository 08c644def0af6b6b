"""One module per check: what is measured on a served candidate, and what passes."""
