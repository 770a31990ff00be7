"""Builds the cubes' images so that the same tree on the same base always gives the same image."""
