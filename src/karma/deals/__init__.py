"""Deals with the course of their stages, and what was invoiced."""
