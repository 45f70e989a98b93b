"""What every app stands on: who may, jobs, the audit list, the register of data, search, menu and the shell."""
