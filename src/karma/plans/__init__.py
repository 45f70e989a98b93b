"""The Plan screen: what a team can expect in a period, with what chance, and where it comes from."""
