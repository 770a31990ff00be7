"""Tells pneumonia from normal with logistic regression on pixels."""
