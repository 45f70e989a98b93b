"""Facts: the tables as the frames that the core reads. The only bridge from the database to the core."""
