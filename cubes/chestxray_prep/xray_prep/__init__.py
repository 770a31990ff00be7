"""Turns chest X-rays and their labels into arrays that models read."""
