"""Beam's workers in other processes and on other machines: what they lack and how they get it."""
