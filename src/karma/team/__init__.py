"""The Team screen: what a team expects together, how that moved and why, and which customers ask for attention."""
