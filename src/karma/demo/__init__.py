"""The invented company as a living installation: its people let in, a tour, and sign-ins for whoever looks."""
