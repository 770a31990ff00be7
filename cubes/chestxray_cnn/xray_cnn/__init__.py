"""Tells pneumonia from normal with a small convolutional network."""
