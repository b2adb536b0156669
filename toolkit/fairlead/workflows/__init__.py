"""One module a verb: the story of the job, told by steps. Verbs don't know each other."""
