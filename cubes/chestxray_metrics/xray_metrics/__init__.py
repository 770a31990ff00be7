"""Scores predicted probabilities of pneumonia against labels."""
