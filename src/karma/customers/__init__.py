"""Customers, the people there, which segment they are in, who is responsible, and when there was contact."""
