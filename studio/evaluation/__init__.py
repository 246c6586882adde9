"""Measuring a model on scenes it never saw, beside what perfect pictures would get."""
