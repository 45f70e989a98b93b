"""SQLite for a house with several writers; see base."""
