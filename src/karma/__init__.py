"""Karma Sales: the system that a sales team works in instead of being driven by a number."""
