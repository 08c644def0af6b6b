"""Checks of steps that start jobs of several machines."""
