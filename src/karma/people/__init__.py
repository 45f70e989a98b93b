"""People, teams, working hours, invitations, and the organisation they belong to."""
