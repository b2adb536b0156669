"""The command line: flags or questions fill a request, workflows do the job, this room prints."""
