"""Readings: what the core said of the facts, as of a day, with reasons. Screens read these and compute nothing."""
