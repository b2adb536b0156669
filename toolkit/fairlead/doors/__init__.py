"""The only ways out of the house: processes, git, files, the clock."""
